// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/activity/activity.h"
#include "reader/activity/busy_work.h"
#include "reader/activity/doubt.h"
#include "reader/activity/workspaces.h"
#include "reader/array.h"
#include "reader/maps/cgroup_tree.h"

/* No workspace: an index. */
#define NONE SIZE_MAX

struct finder {
	const struct snapshot *snapshot;
	struct workspaces *workspaces;
	/* For each control group of the snapshot: the workspace that it counts for, or NONE. */
	size_t *owners;
};

static struct workspace *owner_of(const struct finder *finder, uint64_t id)
{
	const struct snapshot_cgroup *cgroup = snapshot_find_cgroup(finder->snapshot, id);
	size_t owner = cgroup ? finder->owners[cgroup - finder->snapshot->cgroups] : NONE;

	return owner == NONE ? NULL : &finder->workspaces->list[owner];
}

/* Whether @cgroup begins a workspace inside @outer, which may be NULL; @new gets its names. */
static bool begins(const struct snapshot_cgroup *cgroup, const struct workspace *outer,
		   struct workspace *new)
{
	const char *name = cgroup->record.name;
	bool is_container = !cgroup->disbelieved && cgroup_container(name, new->container) == 0;
	bool is_pod = !cgroup->disbelieved && cgroup_pod(name, new->pod) == 0;

	if (outer && outer->pod[0] != '\0') {
		is_pod = false;
		memcpy(new->pod, outer->pod, sizeof(new->pod));
	}
	if (outer && strcmp(outer->container, new->container) == 0)
		is_container = false;
	return is_container || is_pod || (!outer && cgroup_is_user_slice(name));
}

static bool is_whole(const struct workspace *workspace)
{
	return workspace && workspace->whole;
}

/* Find the owner of control group @at; its parent's is known. Add the workspace if it begins one. */
static int find_owner(struct finder *finder, size_t at, struct workspace *outer)
{
	const struct snapshot_cgroup *cgroup = &finder->snapshot->cgroups[at];
	struct workspaces *workspaces = finder->workspaces;
	struct workspace new = {.cgroup_id = cgroup->id, .within = NONE};
	struct workspace *added;

	outer = is_whole(outer) ? outer : NULL;
	if (outer)
		new.within = (size_t)(outer - workspaces->list);
	new.whole = begins(cgroup, outer, &new);
	if (outer && !new.whole) {
		finder->owners[at] = new.within;
		return 0;
	}
	finder->owners[at] = workspaces->count;
	added = array_append(workspaces->list, workspaces->count);
	if (!added)
		return -ENOMEM;
	*added = new;
	return 0;
}

/* Ids grow, so a group comes after the one above it: the second pass is the last. */
static int find_owners(struct finder *finder)
{
	const struct snapshot *snapshot = finder->snapshot;
	bool changed = true;
	int r = 0;

	for (size_t i = 0; i < snapshot->cgroup_count; i++)
		finder->owners[i] = NONE;
	while (r == 0 && changed) {
		changed = false;
		for (size_t i = 0; r == 0 && i < snapshot->cgroup_count; i++) {
			uint64_t parent = snapshot->cgroups[i].record.parent_id;
			struct workspace *outer = owner_of(finder, parent);

			if (finder->owners[i] != NONE || (parent != 0 && !outer))
				continue;
			r = find_owner(finder, i, outer);
			changed = true;
		}
	}
	return r;
}

static void raise_to(uint64_t *time, uint64_t to)
{
	if (*time < to)
		*time = to;
}

static void take_in(struct workspace *workspace, uint64_t opened_at, uint64_t last_beat,
		    uint64_t last_key)
{
	raise_to(&workspace->used_at, opened_at);
	raise_to(&workspace->used_at, last_key);
	raise_to(&workspace->last_beat, last_beat);
	raise_to(&workspace->last_key, last_key);
}

/* Take in a process, for the group that it is in or the group that gets its counts. */
static void take_in_process(const struct finder *finder, struct workspace *workspace,
			    const struct snapshot_process *process)
{
	const struct hb_process *record = &process->record;

	if (!workspace)
		return;
	workspace->in_doubt |= doubt_is_unseen(finder->snapshot, process);
	if (!snapshot_is_own(record->command))
		take_in(workspace, record->opened_at, record->last_beat, record->last_key);
}

static void take_in_all(struct finder *finder)
{
	const struct snapshot *snapshot = finder->snapshot;
	struct workspace *list = finder->workspaces->list;

	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		const struct hb_cgroup *record = &snapshot->cgroups[i].record;

		if (finder->owners[i] != NONE)
			take_in(&list[finder->owners[i]], record->opened_at, record->last_beat,
				record->last_key);
	}
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct snapshot_process *process = &snapshot->processes[i];

		take_in_process(finder, owner_of(finder, process->record.cgroup_id), process);
		take_in_process(finder, owner_of(finder, process->record.account_id), process);
	}
	/* Each was added after the one that it is in. */
	for (size_t i = finder->workspaces->count; i-- > 0;) {
		const struct workspace *inner = &list[i];

		if (inner->within == NONE)
			continue;
		take_in(&list[inner->within], inner->used_at, inner->last_beat, inner->last_key);
		list[inner->within].in_doubt |= inner->in_doubt;
	}
}

static void find_since(const struct snapshot *snapshot, struct workspaces *workspaces)
{
	for (size_t i = 0; i < workspaces->count; i++) {
		struct workspace *workspace = &workspaces->list[i];
		const struct snapshot_cgroup *cgroup =
			snapshot_find_cgroup(snapshot, workspace->cgroup_id);

		workspace->since = snapshot->meta.changed_at;
		raise_to(&workspace->since, cgroup->record.birth);
		raise_to(&workspace->since, workspace->used_at);
	}
}

/* Find out which workspaces @busy keeps active: the one that it is in, and those around. */
static void count_busy(const struct finder *finder, const struct snapshot_busy *busy)
{
	const struct snapshot *snapshot = finder->snapshot;
	struct workspace *list = finder->workspaces->list;
	struct workspace *workspace = owner_of(finder, busy->record.account_id);

	while (workspace) {
		uint64_t since = workspace->since;

		/* It stands for itself, but activity in the groups below it counts here. */
		if (!workspace->whole)
			raise_to(&since, busy->group_since);
		workspace->busy += busy_work_until(snapshot, busy, since) > snapshot->taken_at;
		workspace = workspace->within == NONE ? NULL : &list[workspace->within];
	}
}

static bool is_listed(const struct workspace *workspace)
{
	return workspace->whole || workspace->in_doubt || workspace->busy > 0 ||
	       workspace->used_at != 0 || workspace->last_beat != 0;
}

/* Keep those that are to be listed, and give them what only these need. */
static int finish(const struct snapshot *snapshot, struct workspaces *workspaces)
{
	struct workspace *list = workspaces->list;
	size_t count = workspaces->count;
	char path[CGROUP_PATH_MAX];

	workspaces->count = 0;
	for (size_t i = 0; i < count; i++) {
		struct workspace *workspace = &list[i];
		const struct snapshot_cgroup *cgroup =
			snapshot_find_cgroup(snapshot, workspace->cgroup_id);

		if (!is_listed(workspace) || cgroup_tree_path(snapshot, cgroup->id, path) < 0)
			continue;
		if (workspace->busy > 0)
			workspace->since = snapshot->taken_at;
		workspace->path = strdup(path);
		if (!workspace->path)
			return -ENOMEM;
		list[workspaces->count++] = *workspace;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct workspace *)a)->path, ((const struct workspace *)b)->path);
}

static int find(struct finder *finder)
{
	struct workspaces *workspaces = finder->workspaces;
	int r;

	r = find_owners(finder);
	if (r < 0) {
		workspaces->count = 0;
		return r;
	}
	take_in_all(finder);
	find_since(finder->snapshot, workspaces);
	for (size_t i = 0; i < finder->snapshot->busy_count; i++)
		count_busy(finder, &finder->snapshot->busy[i]);
	r = finish(finder->snapshot, workspaces);
	if (r == 0 && workspaces->count > 1)
		qsort(workspaces->list, workspaces->count, sizeof(*workspaces->list), compare);
	return r;
}

int workspaces_find(const struct snapshot *snapshot, struct workspaces *workspaces)
{
	struct finder finder = {.snapshot = snapshot, .workspaces = workspaces};
	int r;

	*workspaces = (struct workspaces){0};
	/* One more: calloc(0) may return NULL. */
	finder.owners = calloc(snapshot->cgroup_count + 1, sizeof(*finder.owners));
	if (!finder.owners)
		return -ENOMEM;
	r = find(&finder);
	free(finder.owners);
	return r;
}

void workspaces_release(struct workspaces *workspaces)
{
	for (size_t i = 0; i < workspaces->count; i++)
		free(workspaces->list[i].path);
	free(workspaces->list);
	*workspaces = (struct workspaces){0};
}
