// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader/array.h"
#include "reader/maps/coarsen.h"
#include "reader/maps/home.h"

const char *home_word(enum home_kind kind)
{
	static const char *const words[] = {
		[HOME_NONE] = NULL,
		[HOME_USER] = "user",
		[HOME_CONTAINER] = "container",
		[HOME_POD] = "pod",
	};

	return words[kind];
}

enum home_kind home_kind_of(const struct snapshot_cgroup *cgroup)
{
	const char *name = cgroup->record.name;
	char container[CGROUP_CONTAINER_LEN];
	char pod[CGROUP_POD_LEN];

	if (cgroup->disbelieved)
		return HOME_NONE;
	if (cgroup_container(name, container) == 0)
		return HOME_CONTAINER;
	if (cgroup_pod(name, pod) == 0)
		return HOME_POD;
	return cgroup_is_user_slice(name) ? HOME_USER : HOME_NONE;
}

int home_find(const struct snapshot *snapshot, uint64_t cgroup_id, struct home *home)
{
	const struct snapshot_cgroup *cgroup = snapshot_find_cgroup(snapshot, cgroup_id);
	bool complete = false;

	*home = (struct home){.kind = HOME_NONE};
	/* As many steps as there are groups: records that were read at different times may form a cycle. */
	for (size_t i = 0; cgroup && i < snapshot->cgroup_count; i++) {
		enum home_kind kind = home_kind_of(cgroup);

		if (kind != HOME_NONE)
			home->outermost = cgroup->id;
		/* A container around a container is another workspace, and so is all around it. */
		complete |= kind == HOME_CONTAINER && home->kind == HOME_CONTAINER;
		if (!complete && kind > home->kind) {
			home->kind = kind;
			home->cgroup_id = cgroup->id;
		}
		if (cgroup->record.parent_id == 0)
			return 0;
		cgroup = snapshot_find_cgroup(snapshot, cgroup->record.parent_id);
	}
	return -ENOENT;
}

static bool is_inside(const struct snapshot *snapshot, const bool *inside, uint64_t id)
{
	const struct snapshot_cgroup *cgroup = snapshot_find_cgroup(snapshot, id);

	return cgroup && inside[cgroup - snapshot->cgroups];
}

/* Ids grow, so a group comes after the one above it: the second pass is the last. */
static void find_inside(const struct snapshot *snapshot, uint64_t home, bool *inside)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < snapshot->cgroup_count; i++) {
			const struct snapshot_cgroup *cgroup = &snapshot->cgroups[i];

			if (inside[i] || (cgroup->id != home &&
					  !is_inside(snapshot, inside, cgroup->record.parent_id)))
				continue;
			inside[i] = true;
			changed = true;
		}
	}
}

static int copy_cgroups(const struct snapshot *all, const bool *inside, uint64_t home,
			struct snapshot *own)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < all->cgroup_count; i++) {
		struct hb_cgroup record = all->cgroups[i].record;

		if (!inside[i])
			continue;
		if (all->cgroups[i].id == home)
			record.parent_id = 0;
		r = snapshot_add_cgroup(own, &all->cgroups[i].id, &record);
	}
	return r;
}

static int copy_processes(const struct snapshot *all, const bool *inside, struct snapshot *own)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < all->process_count; i++) {
		const struct snapshot_process *process = &all->processes[i];

		if (is_inside(all, inside, process->record.cgroup_id) ||
		    is_inside(all, inside, process->record.account_id))
			r = snapshot_add_process(own, &process->pid, &process->record);
	}
	return r;
}

static int copy_busy(const struct snapshot *all, const bool *inside, struct snapshot *own)
{
	for (size_t i = 0; i < all->busy_count; i++) {
		const struct hb_busy *record = &all->busy[i].record;
		struct snapshot_busy *busy;

		if (!is_inside(all, inside, record->cgroup_id) &&
		    !is_inside(all, inside, record->account_id))
			continue;
		busy = array_append(own->busy, own->busy_count);
		if (!busy)
			return -ENOMEM;
		*busy = all->busy[i];
	}
	return 0;
}

static void name_home(const struct snapshot *all, const struct home *home, struct report *own)
{
	const struct snapshot_cgroup *cgroup = snapshot_find_cgroup(all, home->cgroup_id);
	const char *name = cgroup->record.name;

	own->home = home_word(home->kind);
	if (home->kind == HOME_POD)
		cgroup_pod(name, own->home_id);
	else if (home->kind == HOME_CONTAINER)
		cgroup_container(name, own->home_id);
	else
		sscanf(name, "user-%20[0-9]", own->home_id);
}

static int copy(const struct snapshot *all, const struct home *home, struct snapshot *own)
{
	bool *inside = calloc(all->cgroup_count + 1, sizeof(*inside));
	int r;

	if (!inside)
		return -ENOMEM;
	find_inside(all, home->cgroup_id, inside);
	r = copy_cgroups(all, inside, home->cgroup_id, own);
	if (r == 0)
		r = copy_processes(all, inside, own);
	if (r == 0)
		r = copy_busy(all, inside, own);
	free(inside);
	return r;
}

int home_report(const struct report *all, const struct home *home, struct report *own)
{
	const struct snapshot *from = &all->snapshot;
	struct snapshot *to = &own->snapshot;
	int r;

	memset(own, 0, sizeof(*own));
	to->meta = from->meta;
	to->taken_at = from->taken_at;
	to->offset_ns = from->offset_ns;
	to->exact = from->exact;
	to->complete = from->complete;
	to->busy_unknown = from->busy_unknown;
	to->stats[HB_STAT_UNPLACED_AT] = from->stats[HB_STAT_UNPLACED_AT];
	r = copy(from, home, to);
	name_home(from, home, own);
	report_coarsen_times(own);
	return r;
}
