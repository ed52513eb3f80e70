// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/lib/parse.h"
#include "bpf/lib/units.h"
#include "reader/activity/activity_query.h"
#include "reader/maps/cgroup_names.h"
#include "reader/maps/cgroup_tree.h"

/* Paths are compared as strings, so reject one that would have to be resolved. */
static bool is_resolved(const char *path)
{
	if (path[0] != '/' || strlen(path) >= CGROUP_PATH_MAX)
		return false;
	if (path[1] == '\0')
		return true;
	while (*path == '/') {
		size_t length = strcspn(++path, "/");

		if (length == 0 || (length == 1 && path[0] == '.') ||
		    (length == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += length;
	}
	return true;
}

static int query_cgroup(struct activity_query *query, const char *path)
{
	if (!is_resolved(path) || !cgroup_is_escaped(path))
		return -EINVAL;
	query->by = ACTIVITY_CGROUP;
	query->name = path;
	return 0;
}

/* Kubernetes puts the runtime before an id: `containerd://ID`. */
static const char *without_runtime(const char *id)
{
	size_t length = strspn(id, "abcdefghijklmnopqrstuvwxyz-");

	return length > 0 && strncmp(id + length, "://", 3) == 0 ? id + length + 3 : id;
}

static int query_container(struct activity_query *query, const char *id)
{
	id = without_runtime(id);
	if (!cgroup_is_container_id(id))
		return -EINVAL;
	query->by = ACTIVITY_CONTAINER;
	query->name = id;
	return 0;
}

static int query_pod(struct activity_query *query, const char *id)
{
	if (!cgroup_is_pod_id(id))
		return -EINVAL;
	query->by = ACTIVITY_POD;
	query->name = id;
	return 0;
}

static int query_pid(struct activity_query *query, const char *text)
{
	uint64_t pid;

	if (parse_u64(text, 1, INT32_MAX, &pid) < 0)
		return -EINVAL;
	query->by = ACTIVITY_PID;
	query->pid = (uint32_t)pid;
	return 0;
}

int activity_query_add(struct activity_query *query, const char *selector, const char *value)
{
	static const struct {
		const char *selector;
		int (*add)(struct activity_query *query, const char *value);
	} selectors[] = {
		{"cgroup", query_cgroup},
		{"container", query_container},
		{"pod", query_pod},
		{"pid", query_pid},
	};

	for (size_t i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++) {
		if (strcmp(selectors[i].selector, selector) != 0)
			continue;
		if (query->by != ACTIVITY_NODE)
			return -EINVAL;
		return selectors[i].add(query, value);
	}
	return -ENOENT;
}

int activity_query_limit(const char *text, uint64_t *ns)
{
	return parse_duration(text, NS_PER_MS, 366 * NS_PER_DAY, ns);
}

bool activity_query_is_named(const struct activity_query *query, const struct hb_cgroup *cgroup)
{
	char pod[CGROUP_POD_LEN];

	if (query->by == ACTIVITY_POD)
		return cgroup_pod(cgroup->name, pod) == 0 && strcmp(pod, query->name) == 0;
	return query->by == ACTIVITY_CONTAINER && cgroup_in_container(cgroup->name, query->name);
}

static bool is_selected(const struct activity_query *query, const struct snapshot_cgroup *cgroup)
{
	if (query->by == ACTIVITY_NODE)
		return true;
	if (query->by == ACTIVITY_CGROUP)
		return cgroup->id == query->cgroup_id;
	return !cgroup->disbelieved && activity_query_is_named(query, &cgroup->record);
}

bool *activity_query_cover(struct activity_query *query, const struct snapshot *snapshot)
{
	/* One more: calloc(0) may return NULL. */
	bool *covered = calloc(snapshot->cgroup_count + 1, sizeof(*covered));
	bool changed = covered != NULL;

	if (query->by == ACTIVITY_CGROUP)
		query->cgroup_id = cgroup_tree_id(snapshot, query->name);
	/*
	 * Climbing from each group would take the square of their number in a deep tree, which any
	 * user can make. Ids grow, so a group comes after the one above it: the second pass is the
	 * last.
	 */
	while (changed) {
		changed = false;
		for (size_t i = 0; i < snapshot->cgroup_count; i++) {
			const struct snapshot_cgroup *cgroup = &snapshot->cgroups[i];

			if (covered[i] ||
			    (!is_selected(query, cgroup) &&
			     !activity_query_covers(covered, snapshot, cgroup->record.parent_id)))
				continue;
			covered[i] = true;
			changed = true;
		}
	}
	return covered;
}

bool activity_query_covers(const bool *covered, const struct snapshot *snapshot, uint64_t id)
{
	const struct snapshot_cgroup *cgroup = snapshot_find_cgroup(snapshot, id);

	return cgroup && covered[cgroup - snapshot->cgroups];
}

bool activity_query_covers_process(const bool *covered, const struct snapshot *snapshot,
				   const struct snapshot_process *process)
{
	return activity_query_covers(covered, snapshot, process->record.cgroup_id) ||
	       activity_query_covers(covered, snapshot, process->record.account_id);
}
