// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "bpf/lib/trusted.h"
#include "loader/bpffs.h"

static const char usual_mount[] = "/sys/fs/bpf";

/* The directory that the absolute @path is in. */
static char *parent_of(struct pin_path *parent, const char *path)
{
	char *slash;

	snprintf(parent->text, sizeof(parent->text), "%s", path);
	slash = strrchr(parent->text, '/');
	slash[slash == parent->text ? 1 : 0] = '\0';
	return parent->text;
}

int bpffs_is_mounted(const char *path)
{
	struct statfs fs;

	if (statfs(path, &fs) < 0)
		return -errno;
	return (unsigned long)fs.f_type == BPF_FS_MAGIC;
}

/* The directory at or above @path where its file system is mounted. */
static char *mount_point_of(struct pin_path *point, const char *path)
{
	struct pin_path above;
	struct stat st;
	dev_t device;

	snprintf(point->text, sizeof(point->text), "%s", path);
	if (stat(path, &st) < 0)
		return point->text;
	device = st.st_dev;
	while (strcmp(point->text, "/") != 0 && stat(parent_of(&above, point->text), &st) == 0 &&
	       st.st_dev == device)
		*point = above;
	return point->text;
}

int bpffs_check_writable(const char *path, struct reason *why)
{
	struct pin_path point;
	struct statvfs fs;

	if (statvfs(path, &fs) < 0)
		return reason_set_errno(why, -errno, "%s", path);
	if (!(fs.f_flag & ST_RDONLY))
		return 0;
	mount_point_of(&point, path);
	return reason_set(why, -EROFS, "%s is mounted read-only: mount -o remount,rw %s",
			  point.text, point.text);
}

/* Check each directory from the root to @path: only root may be able to replace a part of it. */
static int check_way(const char *path, struct reason *why)
{
	char part[PINS_PATH_MAX];
	struct stat st;

	for (size_t i = 1; i <= strlen(path); i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)i, path);
		if (lstat(part, &st) < 0)
			return reason_set(why, -EIO, "%s: %s: make it first: mkdir -p %s", part,
					  strerror(errno), path);
		if (S_ISLNK(st.st_mode))
			return reason_set(why, -EIO,
					  "%s is a symbolic link: give the path it leads to", part);
		if (!S_ISDIR(st.st_mode))
			return reason_set(why, -EIO, "%s is in the way: it is not a directory",
					  part);
		if (trusted_check(part, &st, why) < 0)
			return -EIO;
	}
	return 0;
}

int bpffs_check_way(const char *pin_dir, struct reason *why)
{
	struct pin_path path;
	const char *parent = parent_of(&path, pin_dir);
	int r;

	r = check_way(parent, why);
	if (r < 0)
		return r;
	r = bpffs_is_mounted(parent);
	if (r < 0)
		return reason_set_errno(why, r, "cannot inspect %s", parent);
	if (r > 0)
		return bpffs_check_writable(parent, why);
	if (strcmp(parent, usual_mount) == 0)
		return 1;
	return reason_set(why, -EIO, "%s is not on a bpf file system: mount -t bpf bpf %s", parent,
			  parent);
}

int bpffs_mount(void)
{
	if (mount("bpf", usual_mount, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") < 0)
		return log_error(
			-EIO,
			"%s has no bpf file system, and mounting one failed: %s: mount -t bpf bpf %s",
			usual_mount, strerror(errno), usual_mount);
	log_info("mounted a bpf file system at %s", usual_mount);
	return 0;
}

int bpffs_check_dir(const char *path, struct reason *why)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? -ENOENT
				       : reason_set_errno(why, -errno, "cannot inspect %s", path);
	if (!S_ISDIR(st.st_mode))
		return reason_set(
			why, -EEXIST,
			"%s is in the way: it is not a directory: remove it, or choose another --pin-dir",
			path);
	if (st.st_uid != 0)
		return reason_set(
			why, -EEXIST,
			"%s belongs to user %u, not to root: remove it, or choose another --pin-dir",
			path, st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return reason_set(
			why, -EEXIST,
			"%s is writable by others than root (mode %04o): chmod go-w %s, after a look at what is in it",
			path, st.st_mode & 07777, path);
	return 0;
}

int bpffs_open_way(const char *pin_dir)
{
	struct pin_path parent;
	char *path = parent_of(&parent, pin_dir);
	struct stat st;
	mode_t mode;

	while (bpffs_is_mounted(path) > 0 && stat(path, &st) == 0) {
		mode = (st.st_mode & 07777) | S_IXUSR | S_IXGRP | S_IXOTH;
		if (mode != (st.st_mode & 07777)) {
			if (chmod(path, mode) < 0)
				return log_errno(-errno, "cannot change the mode of %s to %04o",
						 path, mode);
			log_info(
				"changed the mode of %s from %04o to %04o, so that the group can pass",
				path, st.st_mode & 07777, mode);
		}
		*strrchr(path, '/') = '\0';
	}
	return 0;
}
