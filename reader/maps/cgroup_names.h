/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds containers, pods and users in the names of control groups.
 *
 * A path counts from the root of the version 2 hierarchy. Wherever a path is expected, the
 * name of a leaf will do.
 */
#ifndef HB_READER_CGROUP_NAMES_H
#define HB_READER_CGROUP_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum {
	CGROUP_PATH_MAX = 4096,
	CGROUP_CONTAINER_LEN = 65,
	CGROUP_CONTAINER_SHORTEST = 12, /* as short as engines show ids */
	CGROUP_POD_DIGITS = 32,
	CGROUP_POD_DASHES = 4,
	CGROUP_POD_LEN = CGROUP_POD_DIGITS + CGROUP_POD_DASHES + 1,
	CGROUP_WORKSPACE_LEN = CGROUP_CONTAINER_LEN + CGROUP_POD_LEN + 20,
};

/** cgroup_is_escaped - whether each percent sign in @path begins an escape of text_escape() */
bool cgroup_is_escaped(const char *path);

/** cgroup_is_named - whether the first @length bytes of @escaped, perhaps with escapes, mean @name */
bool cgroup_is_named(const char *name, const char *escaped, size_t length);

/**
 * cgroup_container - find the id of the innermost container in @path
 *
 * The names are those of docker, containerd, CRI-O and podman: 64 hexadecimal digits, bare or
 * behind `PREFIX-` or `PREFIX:`, with or without `.scope`; but `conmon-ID` is the monitor's. On ECS an
 * id can be the task's 32 digits, a dash, and nine or ten decimal digits. Containers have control
 * groups of their own inside theirs (podman's `container`, systemd's `init.scope`), so every part of a
 * path counts. Returns 0, or -ENOENT and an empty @id.
 */
int cgroup_container(const char *path, char id[CGROUP_CONTAINER_LEN]);

/** cgroup_container_shown - how many bytes of @id to show people: all of an ECS id, else the first 12 */
int cgroup_container_shown(const char *id);

/** cgroup_is_container_id - whether @text is such an id, or the first 12 characters of one or more */
bool cgroup_is_container_id(const char *text);

/** cgroup_in_container - whether @path is that of container @id or below it; @id may be cut short */
bool cgroup_in_container(const char *path, const char *id);

/**
 * cgroup_pod - find the id of the outermost Kubernetes pod in @path
 *
 * The names are those of kubelet's two drivers, `kubepods-burstable-podUID.slice` and `podUID`.
 * Underscores become dashes. Returns 0, or -ENOENT and an empty @id.
 */
int cgroup_pod(const char *path, char id[CGROUP_POD_LEN]);

/** cgroup_is_pod_id - whether @text is the id of a pod, as cgroup_pod() finds it */
bool cgroup_is_pod_id(const char *text);

/** cgroup_is_user_slice - whether @name is `user-N.slice`, with all that user N runs */
bool cgroup_is_user_slice(const char *name);

/**
 * cgroup_workspace - what people call a container or pod: `container 0123456789ab of pod UID`
 * @container, @pod: the ids, of which each may be empty
 * Returns 0, or -ENOENT and an empty @name: both are.
 */
int cgroup_workspace(const char *container, const char *pod, char name[CGROUP_WORKSPACE_LEN]);

/** cgroup_names_user - whether systemd named a part of @path after a user's number */
bool cgroup_names_user(const char *path);

#endif
