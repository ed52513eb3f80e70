// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "bpf/lib/units.h"
#include "reader/maps/cgroup_names.h"
#include "reader/maps/coarsen.h"

enum { PATH_PUBLIC_MAX = 512 };

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
	struct hb_process rest = {
		.cgroup_id = record->cgroup_id,
		.account_id = record->account_id,
		.flags = record->flags,
	};

	/* Our own reads are no activity. Without the name nobody could leave them out later. */
	if (!snapshot_is_own(record->command)) {
		rest.start = coarse(record->start);
		rest.opened_at = coarse(record->opened_at);
		rest.last_beat = coarse(record->last_beat);
		rest.last_key = coarse(record->last_key);
	}
	*process = (struct snapshot_process){.record = rest};
}

static void coarsen_busy(struct snapshot_busy *busy)
{
	*busy = (struct snapshot_busy){
		.record.cgroup_id = busy->record.cgroup_id,
		.record.account_id = busy->record.account_id,
		.group_since = coarse(busy->group_since),
		.workspace_since = coarse(busy->workspace_since),
	};
}

static void coarsen_program(struct snapshot_program *program)
{
	program->last_beat = coarse(program->last_beat);
	program->last_key = coarse(program->last_key);
	program->opened_at = coarse(program->opened_at);
}

static void coarsen_cgroup(struct hb_cgroup *cgroup)
{
	cgroup->birth = coarse(cgroup->birth);
	cgroup->opened_at = coarse(cgroup->opened_at);
	cgroup->last_beat = coarse(cgroup->last_beat);
	cgroup->last_key = coarse(cgroup->last_key);
}

/* The group that stands for @id: itself, or the one above all groups that are named after a user. */
static uint64_t public_id(const struct snapshot *snapshot, uint64_t id)
{
	const struct snapshot_cgroup *cgroup = snapshot_find_cgroup(snapshot, id);

	return cgroup ? cgroup->public_id : id;
}

/*
 * A user with a tree of his own could make a path of 4 kB for each of thousands of groups: megabytes
 * for each client. No container engine comes near this length.
 */
static bool is_too_long(const struct snapshot *snapshot, struct snapshot_cgroup *cgroup)
{
	const struct snapshot_cgroup *above =
		snapshot_find_cgroup(snapshot, cgroup->record.parent_id);

	cgroup->path_length = (above ? above->path_length : 0) + 1 + strlen(cgroup->record.name);
	return cgroup->path_length > PATH_PUBLIC_MAX;
}

/* Find what stands for each group. Ids grow, so the second pass is the last. */
static void find_public(struct snapshot *snapshot)
{
	bool changed = true;

	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		snapshot->cgroups[i].public_id = snapshot->cgroups[i].id;
		snapshot->cgroups[i].path_length = 0;
	}
	while (changed) {
		changed = false;
		for (size_t i = 0; i < snapshot->cgroup_count; i++) {
			struct snapshot_cgroup *cgroup = &snapshot->cgroups[i];
			uint64_t parent = cgroup->record.parent_id;
			uint64_t above = public_id(snapshot, parent);

			if (cgroup->public_id == above ||
			    (above == parent && !cgroup_names_user(cgroup->record.name) &&
			     !is_too_long(snapshot, cgroup)))
				continue;
			cgroup->public_id = above;
			changed = true;
		}
	}
}

static void add_up(struct hb_cgroup *to, const struct hb_cgroup *from)
{
	to->beats += from->beats;
	to->opened_at = to->opened_at > from->opened_at ? to->opened_at : from->opened_at;
	to->last_beat = to->last_beat > from->last_beat ? to->last_beat : from->last_beat;
	to->last_key = to->last_key > from->last_key ? to->last_key : from->last_key;
}

/* Add the groups of users, and those that are too deep, to the groups above them. */
static void hide_users(struct snapshot *snapshot)
{
	size_t kept = 0;

	find_public(snapshot);
	for (size_t i = 0; i < snapshot->process_count; i++) {
		struct hb_process *process = &snapshot->processes[i].record;

		process->cgroup_id = public_id(snapshot, process->cgroup_id);
		process->account_id = public_id(snapshot, process->account_id);
	}
	for (size_t i = 0; i < snapshot->busy_count; i++) {
		struct hb_busy *busy = &snapshot->busy[i].record;

		busy->cgroup_id = public_id(snapshot, busy->cgroup_id);
		busy->account_id = public_id(snapshot, busy->account_id);
	}
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		const struct snapshot_cgroup *cgroup = &snapshot->cgroups[i];
		struct snapshot_cgroup *to =
			cgroup->public_id == cgroup->id
				? NULL
				: snapshot_find_cgroup(snapshot, cgroup->public_id);

		if (to)
			add_up(&to->record, &cgroup->record);
	}
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		if (snapshot->cgroups[i].public_id == snapshot->cgroups[i].id)
			snapshot->cgroups[kept++] = snapshot->cgroups[i];
	}
	snapshot->cgroup_count = kept;
}

void report_coarsen_times(struct report *report)
{
	struct snapshot *snapshot = &report->snapshot;

	report->resolution_s = COARSE_S;
	snapshot->offset_ns -= snapshot->offset_ns % NS_PER_S;
	snapshot->meta.loaded_at = coarse(snapshot->meta.loaded_at);
	snapshot->meta.updated_at = coarse(snapshot->meta.updated_at);
	snapshot->meta.changed_at = coarse(snapshot->meta.changed_at);
	snapshot->stats[HB_STAT_UNPLACED_AT] = coarse(snapshot->stats[HB_STAT_UNPLACED_AT]);
	for (size_t i = 0; i < snapshot->process_count; i++)
		coarsen_process(&snapshot->processes[i]);
	/* The times that this counts from are rounded down, and it must not end early. */
	if (snapshot->meta.busy_for)
		snapshot->meta.busy_for += COARSE_S;
	for (size_t i = 0; i < snapshot->busy_count; i++)
		coarsen_busy(&snapshot->busy[i]);
	for (size_t i = 0; i < snapshot->program_count; i++)
		coarsen_program(&snapshot->programs[i]);
	for (size_t i = 0; i < snapshot->cgroup_count; i++)
		coarsen_cgroup(&snapshot->cgroups[i].record);
}

void report_coarsen(struct report *report)
{
	report_coarsen_times(report);
	report->snapshot.taken_at = coarse(report->snapshot.taken_at);
	hide_users(&report->snapshot);
}
