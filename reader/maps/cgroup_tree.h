/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tells the path of a control group from its id, and the id from its path.
 *
 * The kernel keeps a record of every group, with its name and the id of its parent. So neither a
 * mounted hierarchy nor a walk through it is needed, and no namespace hides anything: paths count
 * from the root of the version 2 hierarchy. In a path, names have the escapes of text_escape(). A
 * group has no path if it or a group above it has no
 * record, because the map was full.
 */
#ifndef HB_READER_CGROUP_TREE_H
#define HB_READER_CGROUP_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "reader/maps/cgroup_names.h"
#include "reader/maps/snapshot_sum.h"

/* Finds the record of a control group. Returns it, or NULL. */
typedef const struct hb_cgroup *(*cgroup_find)(const void *data, uint64_t id);

/**
 * cgroup_tree_build_path - write the path of control group @id, `/` for the root
 * @find: called with @data for the group and each group above it
 *
 * Returns 0; or, with an empty @path, -ENOENT or -ENAMETOOLONG.
 */
int cgroup_tree_build_path(cgroup_find find, const void *data, uint64_t id,
			   char path[CGROUP_PATH_MAX]);

/** cgroup_tree_path - the same with the records of a snapshot */
int cgroup_tree_path(const struct snapshot *snapshot, uint64_t id, char path[CGROUP_PATH_MAX]);

/** cgroup_tree_id - id of the control group with @path, or 0 */
uint64_t cgroup_tree_id(const struct snapshot *snapshot, const char *path);

#endif
