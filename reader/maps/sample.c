// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "bpf/lib/cgroup.h"
#include "bpf/lib/log.h"
#include "reader/maps/sample.h"
#include "reader/commands/status.h"

static void count_slots(const struct sampler *sampler, struct sample *sample)
{
	struct slot_status slots[HB_READERS_MAX] = {0};

	status_find_slots(sampler->pin_dir, &sample->snapshot, slots);
	for (uint32_t i = 0; i < sample->snapshot.meta.readers; i++) {
		switch (slots[i].state) {
		case SLOT_FREE:
			sample->readers_free++;
			break;
		case SLOT_ORPHANED:
			sample->readers_orphaned++;
			break;
		default:
			sample->readers_open++;
			break;
		}
	}
}

int sample_take(const struct sampler *sampler, struct sample *sample)
{
	int r;

	memset(sample, 0, sizeof(*sample));
	r = snapshot_take(sampler->source, &sample->snapshot);
	if (r < 0)
		return r;
	r = places_read(cgroup_mount_point(), &sample->places);
	if (r < 0)
		return log_errno(r, "control groups");
	count_slots(sampler, sample);
	sample->missed_known = missed_read(sampler->pin_dir, &sample->missed) == 0;
	sample->collector_ns = sampler->collector ? sampler->collector->took_ns : 0;
	self_read(&sample->self);
	return 0;
}

void sample_release(struct sample *sample)
{
	snapshot_release(&sample->snapshot);
	places_free(sample->places);
	memset(sample, 0, sizeof(*sample));
}
