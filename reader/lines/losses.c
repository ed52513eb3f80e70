// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>

#include "bpf/lib/log.h"
#include "bpf/lib/units.h"
#include "reader/lines/losses.h"

static const uint64_t interval_ns = NS_PER_S;

int losses_start(struct losses *losses, const struct slot *slot, struct loop *loop,
		 loop_handler on_timer, void *data)
{
	losses->slot = slot;
	losses->loop = loop;
	losses->timer = loop_add_timer(loop, 0, 0, on_timer, data);
	return losses->timer < 0 ? losses->timer : 0;
}

void losses_report(struct losses *losses)
{
	uint64_t lost = 0;

	if (slots_lost(losses->slot, &lost) < 0)
		return;
	lost += losses->slot->ring.malformed + losses->stale + losses->abandoned;
	if (lost == losses->reported)
		return;
	log_info("%" PRIu64 " beats lost", lost - losses->reported);
	losses->unprinted += lost - losses->reported;
	losses->reported = lost;
}

int losses_check(struct losses *losses, uint64_t now)
{
	uint64_t ago = now - losses->checked_at;
	int r;

	if (losses->armed)
		return 0;
	if (ago >= interval_ns) {
		losses->checked_at = now;
		losses_report(losses);
		return 0;
	}
	r = loop_set_timer(losses->loop, losses->timer, interval_ns - ago, 0);
	if (r < 0)
		return log_errno(r, "event loop");
	losses->armed = true;
	return 0;
}

void losses_abandon(struct losses *losses, uint64_t beats, struct ring *ring, unsigned long end)
{
	struct hb_beat beat;
	bool busy;

	losses->abandoned = beats;
	while ((long)(end - ring->position) > 0 && ring_next(ring, &beat, &busy))
		losses->abandoned++;
	losses_report(losses);
}
