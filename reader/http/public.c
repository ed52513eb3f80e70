// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "bpf/lib/units.h"
#include "reader/http/public.h"
#include "reader/maps/coarsen.h"

static int keep_history(struct history *history, const struct report *report)
{
	int r = history_add(history, &report->snapshot);

	return r < 0 ? log_errno(r, "history") : 0;
}

/* Take a report for anybody. On the way its exact counts go to the exact history. */
static int take(struct public_state *state, struct report *report)
{
	int r;

	r = report_take(&state->source, report);
	if (r == 0)
		r = keep_history(state->history, report);
	report_coarsen(report);
	return r;
}

int public_start(struct public_state *state, const struct report_source *source)
{
	int r;

	memset(state, 0, sizeof(*state));
	state->source = *source;
	if (gethostname(state->host, sizeof(state->host) - 1) < 0)
		state->host[0] = '\0';
	state->history = history_new();
	state->report_history = history_new();
	if (!state->history || !state->report_history)
		return log_errno(-ENOMEM, "history");
	r = probe_new(&state->probe);
	/* This one is young, but it does not change until there is one that is old enough. */
	if (r == 0)
		r = take(state, &state->report);
	return r < 0 ? r : keep_history(state->report_history, &state->report);
}

/*
 * Take reports at the times to which times are rounded. So what happened between two reports is
 * known no better than by its rounded time.
 */
uint64_t public_update_in(uint64_t boot_ns)
{
	return COARSE_S * NS_PER_S - boot_ns % (COARSE_S * NS_PER_S);
}

int public_considered(struct public_state *state, uint32_t *considered)
{
	uint64_t now = clock_boot_ns();
	int r = 0;

	if (state->counted_at == 0 || now - state->counted_at >= NS_PER_S) {
		r = snapshot_gauge(state->source.source, &state->considered);
		state->counted_at = r == 0 ? now : 0;
	}
	*considered = state->considered;
	return r;
}

void public_update(struct public_state *state)
{
	struct report fresh;

	/* With nothing loaded there is nothing to count: keep what there is until there is. */
	if (take(state, &fresh) < 0) {
		report_release(&fresh);
		return;
	}
	if (state->has_next) {
		report_release(&state->report);
		state->report = state->next;
		keep_history(state->report_history, &state->report);
	}
	state->next = fresh;
	state->has_next = true;
}

void public_stop(struct public_state *state)
{
	report_release(&state->report);
	report_release(&state->next);
	history_free(state->history);
	history_free(state->report_history);
	probe_free(state->probe);
	memset(state, 0, sizeof(*state));
}
