// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "bpf/lib/units.h"
#include "reader/maps/cgroup_names.h"
#include "reader/maps/coarsen.h"

/*
 * Only boot time is rounded. Two roundings of one time that start at different points would together
 * tell it finer than either does. 0, never, stays 0.
 */
static uint64_t coarse(uint64_t boot_ns)
{
	return boot_ns - boot_ns % (COARSE_S * NS_PER_S);
}

static void coarsen_process(struct snapshot_process *process)
{
	const struct hb_process *record = &process->record;
	struct hb_process rest = {.cgroup_id = record->cgroup_id};

	/* Our own reads are no activity. Without the name nobody could leave them out later. */
	if (!snapshot_is_own(record->command)) {
		rest.start = coarse(record->start);
		rest.last_beat = coarse(record->last_beat);
		rest.last_key = coarse(record->last_key);
	}
	*process = (struct snapshot_process){.record = rest};
}

void report_coarsen(struct report *report)
{
	struct snapshot *snapshot = &report->snapshot;

	report->resolution_s = COARSE_S;
	snapshot->taken_at = coarse(snapshot->taken_at);
	snapshot->offset_ns -= snapshot->offset_ns % NS_PER_S;
	snapshot->meta.loaded_at = coarse(snapshot->meta.loaded_at);
	snapshot->meta.updated_at = coarse(snapshot->meta.updated_at);
	for (size_t i = 0; i < snapshot->process_count; i++)
		coarsen_process(&snapshot->processes[i]);
	for (size_t i = 0; i < snapshot->program_count; i++) {
		struct snapshot_program *program = &snapshot->programs[i];

		program->last_beat = coarse(program->last_beat);
		program->last_ended = coarse(program->last_ended);
	}
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		struct hb_cgroup *cgroup = &snapshot->cgroups[i].record;

		cgroup->last_beat = coarse(cgroup->last_beat);
		cgroup->last_key = coarse(cgroup->last_key);
		cgroup_cut_user(cgroup->name);
	}
	if (report->tree)
		cgroup_tree_cut_users(report->tree);
}
