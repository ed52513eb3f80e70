// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "reader/maps/cgroup_tree.h"
#include "reader/text/text.h"

int cgroup_tree_build_path(cgroup_find find, const void *data, uint64_t id,
			   char path[CGROUP_PATH_MAX])
{
	const struct hb_cgroup *cgroup = find(data, id);
	char *start = path + CGROUP_PATH_MAX - 1;
	char name[TEXT_ESCAPED_MAX * HB_CGROUP_NAME_LEN + 1];
	int r = 0;

	/* From the end, as the names come from the leaf up. Each takes room, so this ends. */
	*start = '\0';
	while (cgroup && cgroup->parent_id != 0) {
		size_t length = text_escape(name, cgroup->name, sizeof(cgroup->name));

		if ((size_t)(start - path) < length + 1) {
			r = -ENAMETOOLONG;
			break;
		}
		start -= length + 1;
		*start = '/';
		memcpy(start + 1, name, length);
		cgroup = find(data, cgroup->parent_id);
	}
	if (!cgroup)
		r = -ENOENT;
	if (r < 0) {
		path[0] = '\0';
		return r;
	}
	if (*start == '\0')
		*--start = '/';
	memmove(path, start, strlen(start) + 1);
	return 0;
}

static const struct hb_cgroup *find_in_snapshot(const void *data, uint64_t id)
{
	const struct snapshot_cgroup *cgroup = snapshot_find_cgroup(data, id);

	return cgroup ? &cgroup->record : NULL;
}

int cgroup_tree_path(const struct snapshot *snapshot, uint64_t id, char path[CGROUP_PATH_MAX])
{
	return cgroup_tree_build_path(find_in_snapshot, snapshot, id, path);
}

static uint64_t find_child(const struct snapshot *snapshot, uint64_t parent, const char *name,
			   size_t length)
{
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		const struct hb_cgroup *record = &snapshot->cgroups[i].record;

		if (record->parent_id == parent && cgroup_is_named(record->name, name, length))
			return snapshot->cgroups[i].id;
	}
	return 0;
}

static uint64_t find_root(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		if (snapshot->cgroups[i].record.parent_id == 0)
			return snapshot->cgroups[i].id;
	}
	return 0;
}

uint64_t cgroup_tree_id(const struct snapshot *snapshot, const char *path)
{
	uint64_t id = find_root(snapshot);

	while (id != 0 && *path == '/' && path[1] != '\0') {
		size_t length = strcspn(++path, "/");

		id = find_child(snapshot, id, path, length);
		path += length;
	}
	return id;
}
