// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bpf/lib/log.h"
#include "reader/maps/coarse.h"
#include "reader/http/pages.h"

static int keep_history(struct pages *pages, const struct sample *sample)
{
	int r = history_add(pages->history, &sample->snapshot);

	return r < 0 ? log_errno(r, "history") : 0;
}

int pages_start(struct pages *pages, const char *pin_dir, struct snapshot_source *source,
		const struct collector *collector)
{
	int r;

	memset(pages, 0, sizeof(*pages));
	pages->sampler = (struct sampler){pin_dir, source, collector};
	if (gethostname(pages->node, sizeof(pages->node) - 1) < 0)
		pages->node[0] = '\0';
	pages->history = history_new();
	if (!pages->history)
		return log_errno(-ENOMEM, "history");
	r = probe_new(&pages->probe);
	if (r < 0)
		return r;
	/* This one is young, but it stays as it is until there is one that is old enough. */
	r = sample_take(&pages->sampler, &pages->aged);
	return r < 0 ? r : keep_history(pages, &pages->aged);
}

/*
 * At the times to which the times that are told are rounded: what happened between two samples then
 * is known no better than by its rounded time.
 */
uint64_t pages_age_in(uint64_t boot_ns)
{
	uint64_t period = COARSE_S * 1000000000ULL;

	return period - boot_ns % period;
}

void pages_age(struct pages *pages)
{
	struct sample fresh;

	/* With nothing loaded there is nothing to count: what there was stays until there is. */
	if (sample_take(&pages->sampler, &fresh) < 0 || keep_history(pages, &fresh) < 0) {
		sample_release(&fresh);
		return;
	}
	if (pages->is_waiting) {
		sample_release(&pages->aged);
		pages->aged = pages->waiting;
	}
	pages->waiting = fresh;
	pages->is_waiting = true;
}

void pages_stop(struct pages *pages)
{
	sample_release(&pages->aged);
	sample_release(&pages->waiting);
	history_free(pages->history);
	probe_free(pages->probe);
	memset(pages, 0, sizeof(*pages));
}
