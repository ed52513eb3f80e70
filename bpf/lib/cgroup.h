/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of control groups: the path of an id, the container in a name. */
#ifndef HB_CGROUP_H
#define HB_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CGROUP_PATH_MAX = 4096,
	CGROUP_CONTAINER_LEN = 65,
	CGROUP_POD_DIGITS = 32,
	CGROUP_POD_DASHES = 4,
	CGROUP_POD_LEN = CGROUP_POD_DIGITS + CGROUP_POD_DASHES + 1,
};

/** cgroup_mount_point - where the version 2 hierarchy is mounted; NULL: nowhere that we can see */
const char *cgroup_mount_point(void);

/**
 * cgroup_path - the path of version 2 cgroup @id below its mount point, "/" for the root
 * @pid: a process that was in it, tried first, or 0
 *
 * The id is the inode number of the cgroup's directory (64 bit, since Linux 5.5). Without a @pid
 * that helps the whole tree is searched: keep the answer. Returns 0, -ENOENT: removed, or there is
 * no version 2 hierarchy here that shows it; -ENAMETOOLONG.
 */
int cgroup_path(uint64_t id, uint32_t pid, char *path, size_t size);

/**
 * cgroup_container - the container id in a cgroup's leaf @name, or in a path: the innermost
 *
 * Known are the forms of docker, containerd, CRI-O and podman: 64 hexadecimal digits, bare or
 * behind `PREFIX-` or `PREFIX:`, with or without `.scope`. Containers have cgroups of their own
 * inside theirs (podman's `container`, systemd's `init.scope`), so every component of a path
 * counts. Returns 0 or -ENOENT.
 */
int cgroup_container(const char *name, char id[CGROUP_CONTAINER_LEN]);

/**
 * cgroup_in_container - whether @path is that of container @id, or below it, however deep
 * @id: it may be cut, as engines show it
 */
bool cgroup_in_container(const char *path, const char *id);

/**
 * cgroup_pod - the id of the Kubernetes pod in @path: the outermost
 *
 * Known are the forms of kubelet's two drivers, `kubepods-burstable-podUID.slice` and `podUID`. Its
 * underscores become dashes. Returns 0 or -ENOENT.
 */
int cgroup_pod(const char *path, char id[CGROUP_POD_LEN]);

/** cgroup_names_user - whether a part of @path is one that systemd names by a user's number */
bool cgroup_names_user(const char *path);

#endif
