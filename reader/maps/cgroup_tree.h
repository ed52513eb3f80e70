/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tells the path of a control group from its id, and the id from its path.
 *
 * The id is the inode number of the group's directory in the version 2 hierarchy (64 bits, since
 * Linux 5.5), so the whole tree is read at once.
 */
#ifndef HB_READER_CGROUP_TREE_H
#define HB_READER_CGROUP_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "reader/maps/cgroup_names.h"

struct cgroup_tree;

/**
 * cgroup_tree_read - read the tree below @mount, where the hierarchy is mounted; NULL: an empty one
 * Returns 0 or -ENOMEM. A directory that cannot be read is left out; then the tree is not whole.
 */
int cgroup_tree_read(const char *mount, struct cgroup_tree **tree);

void cgroup_tree_free(struct cgroup_tree *tree);

/**
 * cgroup_tree_now - the tree of this host, read at boot time @not_before or later
 * This module keeps it: it is valid until the next call. NULL: there is no memory.
 */
const struct cgroup_tree *cgroup_tree_now(uint64_t not_before);

/** cgroup_tree_recent - the same, at most a second old: any client may ask, and a walk takes ms */
const struct cgroup_tree *cgroup_tree_recent(void);

/** cgroup_tree_read_at - boot time at which the reading began */
uint64_t cgroup_tree_read_at(const struct cgroup_tree *tree);

/**
 * cgroup_tree_is_whole - whether no control group can be missing
 * If so, one that is not found does not exist; else a namespace or mount may hide it.
 */
bool cgroup_tree_is_whole(const struct cgroup_tree *tree);

/** cgroup_tree_path - path of control group @id, `/` for the root, or NULL: not found */
const char *cgroup_tree_path(const struct cgroup_tree *tree, uint64_t id);

/** cgroup_tree_id - id of the control group with @path, or 0 */
uint64_t cgroup_tree_id(const struct cgroup_tree *tree, const char *path);

/** cgroup_tree_has_container - whether a path is that of container @id, which may be cut short */
bool cgroup_tree_has_container(const struct cgroup_tree *tree, const char *id);

/** cgroup_tree_cut_users - cut each path before the part that names a user */
void cgroup_tree_cut_users(struct cgroup_tree *tree);

/**
 * cgroup_tree_find - find the path of control group @id on this host now
 * @pid: a process that was in it, or 0
 *
 * The process is tried first: only if it has ended or moved on the tree is read. Returns 0, or
 * -ENOENT and an empty @path: the group was removed or is hidden.
 */
int cgroup_tree_find(uint64_t id, uint32_t pid, char path[CGROUP_PATH_MAX]);

#endif
