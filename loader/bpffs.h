/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Check, mount and open up the bpf file system that the pins are in. */
#ifndef HB_LOADER_BPFFS_H
#define HB_LOADER_BPFFS_H

#include "bpf/lib/log.h"

/**
 * bpffs_is_mounted - is the directory @path on a bpf file system?
 * Returns 1, 0, or -errno, not logged.
 */
int bpffs_is_mounted(const char *path);

/**
 * bpffs_check_writable - check that the file system of the directory @path is not mounted read-only
 * Returns 0; or -errno with the reason in @why, or logged if that is NULL.
 */
int bpffs_check_writable(const char *path, struct reason *why);

/**
 * bpffs_check_way - check that @pin_dir can be made: its parent is on a writable bpf file system
 *
 * No component may be a symbolic link, or belong to others than root, or be writable by others
 * unless sticky: a fresh bpffs has mode 1777. Returns 0; 1 if the parent is /sys/fs/bpf and nothing
 * is mounted there: call bpffs_mount(); or -errno with the reason in @why, or logged if that is
 * NULL.
 */
int bpffs_check_way(const char *pin_dir, struct reason *why);

/** bpffs_mount - mount a bpf file system at /sys/fs/bpf, mode 0700. Returns 0 or -errno, logged */
int bpffs_mount(void);

/**
 * bpffs_check_dir - check that the directory @path is root's, and that only root can write to it
 * Returns 0; -ENOENT without a reason; or -errno with the reason in @why, or logged if that is NULL.
 */
int bpffs_check_dir(const char *path, struct reason *why);

/**
 * bpffs_open_way - add search permission to the directories of the bpf file system above @pin_dir
 *
 * systemd mounts it with mode 0700, which would keep out the readers' group. Reports each change.
 * Returns 0 or -errno, logged.
 */
int bpffs_open_way(const char *pin_dir);

#endif
