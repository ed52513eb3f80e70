// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/trusted.h"

enum {
	LINKS_MAX = 8, /* more are a mistake */
	FILE_SIZE_MAX = 64 * 1024,
};

int trusted_check(const char *path, const struct stat *st, struct reason *why)
{
	bool is_dir = S_ISDIR(st->st_mode);

	if (st->st_uid != 0 && st->st_uid != geteuid())
		return reason_set(why, -EIO,
				  "%s belongs to user %u, who could replace %s: chown root %s",
				  path, st->st_uid, is_dir ? "what is in it" : "it", path);
	/* The mode of a link means nothing, and a device is not read. */
	if ((!is_dir && !S_ISREG(st->st_mode)) || !(st->st_mode & (S_IWGRP | S_IWOTH)) ||
	    (is_dir && st->st_mode & S_ISVTX))
		return 0;
	return reason_set(why, -EIO,
			  "%s is writable by others than root (mode %04o): chmod go-w %s", path,
			  st->st_mode & 07777, path);
}

static bool is_read_only(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 && fs.f_flag & ST_RDONLY;
}

/* Check each directory, link and file of the absolute @path, and where its links lead. */
static int check_way(const char *path, int links, struct reason *why)
{
	char target[PATH_MAX];
	char part[PATH_MAX];
	struct stat st;
	int r = 0;

	for (size_t i = 1; r == 0 && i <= strlen(path); i++) {
		ssize_t length;
		size_t start;

		if (path[i] != '/' && path[i] != '\0')
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)i, path);
		if (lstat(part, &st) < 0)
			return -errno;
		if (!S_ISLNK(st.st_mode) && is_read_only(part))
			st.st_mode &= ~(mode_t)(S_IWGRP | S_IWOTH);
		r = trusted_check(part, &st, why);
		if (r < 0 || !S_ISLNK(st.st_mode))
			continue;
		length = readlink(part, target, sizeof(target));
		/* A relative one starts from where the link is. */
		start = length > 0 && target[0] == '/' ? 0
						       : (size_t)(strrchr(part, '/') - part) + 1;
		if (length <= 0 || start + (size_t)length >= sizeof(part) || links == LINKS_MAX)
			return -ELOOP;
		memcpy(part + start, target, (size_t)length);
		part[start + (size_t)length] = '\0';
		r = check_way(part, links + 1, why);
	}
	return r;
}

static int make_absolute(char absolute[PATH_MAX], const char *path)
{
	size_t length;

	absolute[0] = '\0';
	if (path[0] == '\0')
		return -ENOENT;
	if (path[0] != '/' && !getcwd(absolute, PATH_MAX))
		return -errno;
	length = strlen(absolute);
	if (length + strlen(path) + 2 > PATH_MAX)
		return -ENAMETOOLONG;
	sprintf(absolute + length, "%s%s", length > 0 ? "/" : "", path);
	return 0;
}

int trusted_open(const char *path, FILE **file, struct reason *why)
{
	_cleanup_close_ int fd = -EBADF;
	char absolute[PATH_MAX];
	struct stat st;
	int r;

	r = make_absolute(absolute, path);
	/* Check first: from then on, nobody else can make it another file. */
	if (r == 0)
		r = check_way(absolute, 0, why);
	if (r < 0)
		return r;
	/* Do not wait for the writer of a pipe. */
	fd = open(absolute, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return reason_set(why, -EIO, "%s cannot be read: it is not a file", path);
	if (st.st_size > FILE_SIZE_MAX)
		return reason_set(why, -EIO, "%s cannot be read: it has more than %d bytes", path,
				  FILE_SIZE_MAX);
	*file = fdopen(fd, "r");
	if (!*file)
		return -errno;
	fd = -EBADF;
	return 0;
}

/* A file may grow meanwhile, and those in /proc have no size. */
static int read_all(FILE *file, const char *path, char *text, struct reason *why)
{
	size_t length = fread(text, 1, FILE_SIZE_MAX + 1, file);

	if (ferror(file))
		return reason_set(why, -EINVAL, "%s cannot be read: give another file", path);
	if (length > FILE_SIZE_MAX)
		return reason_set(why, -EINVAL, "%s cannot be read: it has more than %d bytes",
				  path, FILE_SIZE_MAX);
	text[length] = '\0';
	if (strlen(text) < length)
		return reason_set(why, -EINVAL, "%s contains a NUL byte: give a text file", path);
	return 0;
}

int trusted_read(const char *path, char **text, struct reason *why)
{
	FILE *file = NULL;
	int r;

	r = trusted_open(path, &file, why);
	if (r == -EIO)
		return -EINVAL;
	if (!file)
		return reason_set(why, r == -ENOENT || r == -EACCES ? r : -EINVAL, "%s: %s", path,
				  strerror(-r));
	*text = malloc(FILE_SIZE_MAX + 2);
	r = *text ? read_all(file, path, *text, why)
		  : reason_set(why, -EINVAL, "%s: %s", path, strerror(ENOMEM));
	fclose(file);
	if (r < 0) {
		free(*text);
		*text = NULL;
	}
	return r;
}
