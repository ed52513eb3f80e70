/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The bpf file system: is it there, whose is it, who may pass. */
#ifndef HB_LOADER_BPFFS_H
#define HB_LOADER_BPFFS_H

#include <stdbool.h>

/** bpffs_parent - write the parent directory of absolute @path to @parent of PINS_PATH_MAX bytes */
void bpffs_parent(const char *path, char *parent);

/**
 * bpffs_is_mounted - is the directory @path on a bpf file system?
 * Returns 1, 0, or -errno, not logged.
 */
int bpffs_is_mounted(const char *path);

/**
 * bpffs_check_way - see that @pin_dir can be made: its parent is on a bpf file system
 *
 * No component may be a symbolic link, or belong to others than root, or be writable by others
 * unless sticky: a fresh bpffs has mode 1777. Returns 0; 1 if the parent is /sys/fs/bpf and nothing
 * is mounted there, so that bpffs_mount() is called for; or -errno after one logged line.
 */
int bpffs_check_way(const char *pin_dir);

/** bpffs_mount - mount a bpf file system at /sys/fs/bpf, mode 0700. Returns 0 or -errno, logged */
int bpffs_mount(void);

/**
 * bpffs_check_dir - see that the directory @path is root's, and writable by root alone
 * Returns 0; -ENOENT, not logged; or -errno after one logged line.
 */
int bpffs_check_dir(const char *path);

/**
 * bpffs_open_way - add search permission to the directories of the bpf file system above @pin_dir
 *
 * systemd mounts it with mode 0700, which would keep out the readers' group. Says what it changed.
 * Returns 0, or -errno, logged.
 */
int bpffs_open_way(const char *pin_dir);

#endif
