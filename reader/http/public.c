// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bpf/lib/log.h"
#include "reader/maps/coarse.h"
#include "reader/http/public.h"

static int keep_history(struct public *pages, const struct report *report)
{
	int r = history_add(pages->history, &report->snapshot);

	return r < 0 ? log_errno(r, "history") : 0;
}

int public_start(struct public *pages, const char *pin_dir, struct snapshot_source *source,
		 const struct collector *collector)
{
	int r;

	memset(pages, 0, sizeof(*pages));
	pages->report_source = (struct report_source){pin_dir, source, collector};
	if (gethostname(pages->node, sizeof(pages->node) - 1) < 0)
		pages->node[0] = '\0';
	pages->history = history_new();
	if (!pages->history)
		return log_errno(-ENOMEM, "history");
	r = probe_new(&pages->probe);
	if (r < 0)
		return r;
	/* This one is young, but it stays as it is until there is one that is old enough. */
	r = report_take(&pages->report_source, &pages->aged);
	return r < 0 ? r : keep_history(pages, &pages->aged);
}

/*
 * At the times to which the times that are told are rounded: what happened between two samples then
 * is known no better than by its rounded time.
 */
uint64_t public_age_in(uint64_t boot_ns)
{
	uint64_t period = COARSE_S * 1000000000ULL;

	return period - boot_ns % period;
}

void public_age(struct public *pages)
{
	struct report fresh;

	/* With nothing loaded there is nothing to count: what there was stays until there is. */
	if (report_take(&pages->report_source, &fresh) < 0 || keep_history(pages, &fresh) < 0) {
		report_release(&fresh);
		return;
	}
	if (pages->is_waiting) {
		report_release(&pages->aged);
		pages->aged = pages->waiting;
	}
	pages->waiting = fresh;
	pages->is_waiting = true;
}

void public_stop(struct public *pages)
{
	report_release(&pages->aged);
	report_release(&pages->waiting);
	history_free(pages->history);
	probe_free(pages->probe);
	memset(pages, 0, sizeof(*pages));
}
