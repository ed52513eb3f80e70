/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Judges control groups that say by their names that they are containers or pods.
 *
 * Anyone who may make a control group can give it any name: an ordinary user in the tree that systemd
 * delegates to each user, or root in a container that has one. A name is all that an engine leaves.
 */
#ifndef HB_READER_CLAIMS_H
#define HB_READER_CLAIMS_H

#include "reader/maps/cgroup_tree.h"
#include "reader/maps/snapshot_sum.h"

/**
 * claims_judge - mark the control groups of @snapshot, which is sorted, that claim an id in vain
 *
 * Of the groups with ids that begin alike, those that root made come before others, and then those
 * outside of containers before those inside. The others are not believed; nor are two groups that
 * claim the same id and are alike. Returns 0 or -ENOMEM.
 */
int claims_judge(const struct snapshot *snapshot);

/**
 * claims_container - find the innermost container that control group @id is in
 * Returns 0, or -ENOENT and an empty @container.
 */
int claims_container(const struct snapshot *snapshot, uint64_t id,
		     char container[CGROUP_CONTAINER_LEN]);

/** claims_pod - the same for the outermost Kubernetes pod */
int claims_pod(const struct snapshot *snapshot, uint64_t id, char pod[CGROUP_POD_LEN]);

/** claims_workspace - the cgroup_workspace() of both. Returns 0, or -ENOENT and an empty @name */
int claims_workspace(const struct snapshot *snapshot, uint64_t id, char name[CGROUP_WORKSPACE_LEN]);

/**
 * claims_container_of_root - the innermost container that root made, without a snapshot
 * @find: as for cgroup_tree_build_path(), which has found a path for @id
 */
int claims_container_of_root(cgroup_find find, const void *data, uint64_t id,
			     char container[CGROUP_CONTAINER_LEN]);

#endif
