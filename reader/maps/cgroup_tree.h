/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where control groups are: the tree of the version 2 hierarchy, read at once. */
#ifndef HB_READER_CGROUP_TREE_H
#define HB_READER_CGROUP_TREE_H

#include <stdbool.h>
#include <stdint.h>

struct cgroup_tree;

/**
 * cgroup_tree_read - read the tree below @mount, where the hierarchy is mounted; NULL makes an empty one
 * Returns 0 or -ENOMEM; what cannot be read is left out, and then the tree is not whole.
 */
int cgroup_tree_read(const char *mount, struct cgroup_tree **tree);

void cgroup_tree_free(struct cgroup_tree *tree);

/**
 * cgroup_tree_now - the tree of this host, read at boot time @not_before or later
 * The module keeps it; it is valid until the next call. NULL: there is no memory.
 */
const struct cgroup_tree *cgroup_tree_now(uint64_t not_before);

/** cgroup_tree_read_at - boot time of the beginning of the reading */
uint64_t cgroup_tree_read_at(const struct cgroup_tree *tree);

/**
 * cgroup_tree_is_whole - whether each cgroup was there to be seen: one that was not found does not
 *		      exist, rather than being hidden by a namespace or mount
 */
bool cgroup_tree_is_whole(const struct cgroup_tree *tree);

/** cgroup_tree_path - path of cgroup @id, `/` for the root, or NULL: not found */
const char *cgroup_tree_path(const struct cgroup_tree *tree, uint64_t id);

/** cgroup_tree_id - id of the cgroup with @path, or 0 */
uint64_t cgroup_tree_id(const struct cgroup_tree *tree, const char *path);

/** cgroup_tree_has_container - whether a path is that of container @id, which may be cut */
bool cgroup_tree_has_container(const struct cgroup_tree *tree, const char *id);

#endif
