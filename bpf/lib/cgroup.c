// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/lib/cgroup.h"

/* Bounds of the search: far beyond what nodes have, and it ends all the same. */
enum { DEPTH_MAX = 32, DIRECTORIES_MAX = 50000 };

/* Where the version 2 hierarchy is mounted; empty: not looked for yet. */
static char mount_point[1024];

/* mountinfo writes space, tab, newline and backslash as \ooo. */
static void unescape(char *text)
{
	char *to = text;

	while (*text != '\0') {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] >= '0' &&
		    text[2] <= '7' && text[3] >= '0' && text[3] <= '7') {
			*to++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 |
				       (text[3] - '0'));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

/* `36 35 98:0 /root /mount/point options optional... - cgroup2 source options` */
static bool is_cgroup2(const char *line, char point[1024])
{
	const char *rest = strstr(line, " - ");

	if (!rest || strncmp(rest, " - cgroup2 ", strlen(" - cgroup2 ")) != 0)
		return false;
	if (sscanf(line, "%*s %*s %*s %*s %1023s", point) != 1)
		return false;
	unescape(point);
	return true;
}

static int find_mount_point(void)
{
	char *line = NULL;
	size_t size = 0;
	FILE *file;
	int r = -ENOENT;

	if (mount_point[0] != '\0')
		return 0;
	file = fopen("/proc/self/mountinfo", "re");
	if (!file)
		return -ENOENT;
	while (r < 0 && getline(&line, &size, file) > 0) {
		if (is_cgroup2(line, mount_point))
			r = 0;
		else
			mount_point[0] = '\0';
	}
	free(line);
	fclose(file);
	return r;
}

/* Is directory @path below the mount point cgroup @id? */
static bool has_id(const char *path, uint64_t id)
{
	char full[sizeof(mount_point) + CGROUP_PATH_MAX];
	struct stat st;

	snprintf(full, sizeof(full), "%s%s", mount_point, path);
	return stat(full, &st) == 0 && st.st_ino == id;
}

static int put_path(const char *from, char *path, size_t size)
{
	size_t length = strlen(from);

	if (length >= size)
		return -ENAMETOOLONG;
	memcpy(path, from, length + 1);
	return 0;
}

/* The present cgroup of @pid, if that is @id. What it names is relative to a cgroup namespace. */
static int path_of_process(uint64_t id, uint32_t pid, char *path, size_t size)
{
	char name[sizeof("/proc/4294967295/cgroup")];
	char *line = NULL;
	size_t room = 0;
	int r = -ENOENT;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%u/cgroup", pid);
	file = fopen(name, "re");
	if (!file)
		return -ENOENT;
	while (r == -ENOENT && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::/", 4) == 0 && has_id(line + 3, id))
			r = put_path(line + 3, path, size);
	}
	free(line);
	fclose(file);
	return r;
}

struct search {
	uint64_t id;
	unsigned int left; /* directories that may still be read */
	char path[CGROUP_PATH_MAX];
};

/* Look below the directory @fd, which is closed, and whose path is the first @length bytes. */
static int search_below(struct search *search, int fd, size_t length, int depth)
{
	const struct dirent *entry;
	int r = -ENOENT;
	DIR *dir;

	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOENT;
	}
	while (r == -ENOENT && search->left > 0 && (entry = readdir(dir))) {
		size_t name = strlen(entry->d_name);
		int child;

		if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (length + 1 + name >= sizeof(search->path))
			continue;
		search->path[length] = '/';
		memcpy(search->path + length + 1, entry->d_name, name + 1);
		if (entry->d_ino == search->id) {
			r = 0;
			break;
		}
		if (depth == DEPTH_MAX)
			continue;
		search->left--;
		child = openat(dirfd(dir), entry->d_name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child >= 0)
			r = search_below(search, child, length + 1 + name, depth + 1);
	}
	closedir(dir);
	return r;
}

const char *cgroup_mount_point(void)
{
	return find_mount_point() < 0 ? NULL : mount_point;
}

int cgroup_path(uint64_t id, uint32_t pid, char *path, size_t size)
{
	struct search search = {.id = id, .left = DIRECTORIES_MAX};
	int fd;
	int r;

	r = find_mount_point();
	if (r < 0)
		return r;
	if (pid != 0) {
		r = path_of_process(id, pid, path, size);
		if (r != -ENOENT)
			return r;
	}
	if (has_id("/", id))
		return put_path("/", path, size);
	fd = open(mount_point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -ENOENT;
	r = search_below(&search, fd, 0, 0);
	return r < 0 ? r : put_path(search.path, path, size);
}

/* The container id in one component of a path. */
static bool container_in(const char *name, size_t length, char id[CGROUP_CONTAINER_LEN])
{
	static const char suffix[] = ".scope";
	const size_t digits = CGROUP_CONTAINER_LEN - 1;
	const char *start;

	if (length > strlen(suffix) &&
	    memcmp(name + length - strlen(suffix), suffix, strlen(suffix)) == 0)
		length -= strlen(suffix);
	if (length < digits)
		return false;
	start = name + length - digits;
	if (start > name && start[-1] != '-' && start[-1] != ':')
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (!isdigit((unsigned char)start[i]) && (start[i] < 'a' || start[i] > 'f'))
			return false;
	}
	memcpy(id, start, digits);
	id[digits] = '\0';
	return true;
}

int cgroup_container(const char *name, char id[CGROUP_CONTAINER_LEN])
{
	const char *end = name + strlen(name);

	for (;;) {
		const char *start = end;

		while (start > name && start[-1] != '/')
			start--;
		if (container_in(start, (size_t)(end - start), id))
			return 0;
		if (start == name)
			return -ENOENT;
		end = start - 1;
	}
}

bool cgroup_in_container(const char *path, const char *id)
{
	char found[CGROUP_CONTAINER_LEN];

	while (*path != '\0') {
		size_t length = strcspn(path, "/");

		if (container_in(path, length, found) && strncmp(found, id, strlen(id)) == 0)
			return true;
		path += length;
		path += *path == '/';
	}
	return false;
}

/* `kubepods-burstable-podUID.slice`, with underscores in UID, or plain `podUID`. */
static bool pod_in(const char *name, size_t length, char id[CGROUP_POD_LEN])
{
	static const char suffix[] = ".slice";
	const char *colon = memchr(name, ':', length);
	size_t digits = 0;
	size_t dashes = 0;
	const char *start;

	if (colon)
		length = (size_t)(colon - name);
	if (length > strlen(suffix) &&
	    memcmp(name + length - strlen(suffix), suffix, strlen(suffix)) == 0)
		length -= strlen(suffix);
	start = name + length;
	while (start > name && digits < CGROUP_POD_DIGITS && dashes <= CGROUP_POD_DASHES) {
		unsigned char c = (unsigned char)start[-1];

		if (isdigit(c) || (c >= 'a' && c <= 'f'))
			digits++;
		else if (c == '-' || c == '_')
			dashes++;
		else
			break;
		start--;
	}
	/* A UUID, or the hash that a static pod has. */
	if (digits != CGROUP_POD_DIGITS || (dashes != 0 && dashes != CGROUP_POD_DASHES))
		return false;
	if (start - name < 3 || memcmp(start - 3, "pod", 3) != 0 ||
	    (start - name > 3 && start[-4] != '-'))
		return false;
	for (length = 0; length < digits + dashes; length++)
		id[length] = (char)(start[length] == '_' ? '-' : start[length]);
	id[length] = '\0';
	return true;
}

int cgroup_pod(const char *path, char id[CGROUP_POD_LEN])
{
	while (*path != '\0') {
		size_t length = strcspn(path, "/");

		if (pod_in(path, length, id))
			return 0;
		path += length;
		path += *path == '/';
	}
	return -ENOENT;
}

bool cgroup_names_user(const char *path)
{
	while (*path != '\0') {
		size_t length = strcspn(path, "/");

		if ((strncmp(path, "user-", 5) == 0 || strncmp(path, "user@", 5) == 0) &&
		    isdigit((unsigned char)path[5]))
			return true;
		path += length;
		path += *path == '/';
	}
	return false;
}
