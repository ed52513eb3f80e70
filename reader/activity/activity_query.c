// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "bpf/lib/parse.h"
#include "reader/activity/activity_query.h"
#include "reader/maps/cgroup_names.h"

/* As short as engines show ids. */
enum { CONTAINER_SHORTEST = 12 };

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
	if (!is_resolved(path))
		return -EINVAL;
	query->by = ACTIVITY_CGROUP;
	query->name = path;
	return 0;
}

static int query_container(struct activity_query *query, const char *id)
{
	size_t length = strspn(id, "0123456789abcdef");

	if (id[length] != '\0' || length < CONTAINER_SHORTEST || length >= CGROUP_CONTAINER_LEN)
		return -EINVAL;
	query->by = ACTIVITY_CONTAINER;
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

/* Is @path that of cgroup @above, or below it? */
static bool is_below(const char *path, const char *above)
{
	size_t length = strlen(above);

	if (strcmp(above, "/") == 0)
		return true;
	return strncmp(path, above, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* A cgroup that is not in the tree has been removed, if the tree is newer and hides nothing. */
static bool is_gone(const struct snapshot *snapshot, const struct cgroup_tree *tree)
{
	return cgroup_tree_is_whole(tree) && cgroup_tree_read_at(tree) >= snapshot->taken_at;
}

enum activity_covers activity_query_covers(const struct activity_query *query,
					   const struct snapshot *snapshot,
					   const struct cgroup_tree *tree, uint64_t id)
{
	const char *path = cgroup_tree_path(tree, id);
	const struct snapshot_cgroup *cgroup;

	if (!path && is_gone(snapshot, tree))
		return ACTIVITY_COVERS_NOT;
	if (query->by == ACTIVITY_NODE)
		return ACTIVITY_COVERS;
	if (query->by == ACTIVITY_CGROUP) {
		if (!path)
			return strcmp(query->name, "/") == 0 ? ACTIVITY_COVERS
							     : ACTIVITY_COVERS_MAYBE;
		return is_below(path, query->name) ? ACTIVITY_COVERS : ACTIVITY_COVERS_NOT;
	}
	if (path)
		return cgroup_in_container(path, query->name) ? ACTIVITY_COVERS
							      : ACTIVITY_COVERS_NOT;
	/* All we have is the name of the leaf. It may be that of a container inside this one. */
	cgroup = snapshot_find_cgroup(snapshot, id);
	return cgroup && cgroup_in_container(cgroup->record.name, query->name)
		       ? ACTIVITY_COVERS
		       : ACTIVITY_COVERS_MAYBE;
}

int activity_query_exists(const struct activity_query *query, const struct snapshot *snapshot,
			  const struct cgroup_tree *tree)
{
	switch (query->by) {
	case ACTIVITY_CGROUP:
		if (cgroup_tree_id(tree, query->name) != 0)
			return 0;
		break;
	case ACTIVITY_CONTAINER:
		if (cgroup_tree_has_container(tree, query->name))
			return 0;
		for (size_t i = 0; i < snapshot->cgroup_count; i++) {
			if (activity_query_covers(query, snapshot, tree, snapshot->cgroups[i].id) ==
			    ACTIVITY_COVERS)
				return 0;
		}
		break;
	default:
		return 0;
	}
	return cgroup_tree_id(tree, "/") == 0 ? -EOPNOTSUPP : -ENOENT;
}
