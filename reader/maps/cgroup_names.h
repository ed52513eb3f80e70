/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds containers, pods and users in the names of control groups.
 *
 * A path counts from the mount point of the version 2 hierarchy. Wherever a path is expected, the
 * name of a leaf will do.
 */
#ifndef HB_READER_CGROUP_NAMES_H
#define HB_READER_CGROUP_NAMES_H

#include <stdbool.h>

enum {
	CGROUP_PATH_MAX = 4096,
	CGROUP_CONTAINER_LEN = 65,
	CGROUP_POD_DIGITS = 32,
	CGROUP_POD_DASHES = 4,
	CGROUP_POD_LEN = CGROUP_POD_DIGITS + CGROUP_POD_DASHES + 1,
};

/**
 * cgroup_container - find the id of the innermost container in @path
 *
 * The names are those of docker, containerd, CRI-O and podman: 64 hexadecimal digits, bare or
 * behind `PREFIX-` or `PREFIX:`, with or without `.scope`. Containers have control groups of their
 * own inside theirs (podman's `container`, systemd's `init.scope`), so every part of a path counts.
 * Returns 0, or -ENOENT and an empty @id.
 */
int cgroup_container(const char *path, char id[CGROUP_CONTAINER_LEN]);

/** cgroup_in_container - whether @path is that of container @id or below it; @id may be cut short */
bool cgroup_in_container(const char *path, const char *id);

/**
 * cgroup_pod - find the id of the outermost Kubernetes pod in @path
 *
 * The names are those of kubelet's two drivers, `kubepods-burstable-podUID.slice` and `podUID`.
 * Underscores become dashes. Returns 0, or -ENOENT and an empty @id.
 */
int cgroup_pod(const char *path, char id[CGROUP_POD_LEN]);

/** cgroup_names_user - whether systemd named a part of @path after a user's number */
bool cgroup_names_user(const char *path);

/** cgroup_cut_user - cut @path before the first such part: what remains is that of a parent */
void cgroup_cut_user(char *path);

#endif
