// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "reader/maps/cgroup_names.h"

static size_t part_length(const char *path)
{
	return strcspn(path, "/");
}

static const char *next_part(const char *path)
{
	path += part_length(path);
	return path + (*path == '/');
}

static size_t length_without(const char *name, size_t length, const char *suffix)
{
	size_t end = strlen(suffix);

	return length > end && memcmp(name + length - end, suffix, end) == 0 ? length - end
									     : length;
}

/* The container id in the first part of @path. */
static bool container_in(const char *path, char id[CGROUP_CONTAINER_LEN])
{
	const size_t digits = CGROUP_CONTAINER_LEN - 1;
	size_t length = length_without(path, part_length(path), ".scope");
	const char *start;

	if (length < digits)
		return false;
	start = path + length - digits;
	if (start > path && start[-1] != '-' && start[-1] != ':')
		return false;
	if (strspn(start, "0123456789abcdef") < digits)
		return false;
	memcpy(id, start, digits);
	id[digits] = '\0';
	return true;
}

int cgroup_container(const char *path, char id[CGROUP_CONTAINER_LEN])
{
	int r = -ENOENT;

	id[0] = '\0';
	for (; *path != '\0'; path = next_part(path)) {
		if (container_in(path, id))
			r = 0;
	}
	return r;
}

bool cgroup_in_container(const char *path, const char *id)
{
	char found[CGROUP_CONTAINER_LEN];

	for (; *path != '\0'; path = next_part(path)) {
		if (container_in(path, found) && strncmp(found, id, strlen(id)) == 0)
			return true;
	}
	return false;
}

/* `kubepods-burstable-podUID.slice`, with underscores in UID, or plain `podUID`. */
static bool pod_in(const char *path, char id[CGROUP_POD_LEN])
{
	size_t length = length_without(path, strcspn(path, "/:"), ".slice");
	const char *start = path + length;
	size_t digits = 0;
	size_t dashes = 0;

	while (start > path && digits < CGROUP_POD_DIGITS && dashes <= CGROUP_POD_DASHES) {
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
	if (start - path < 3 || memcmp(start - 3, "pod", 3) != 0 ||
	    (start - path > 3 && start[-4] != '-'))
		return false;
	for (length = 0; length < digits + dashes; length++)
		id[length] = (char)(start[length] == '_' ? '-' : start[length]);
	id[length] = '\0';
	return true;
}

int cgroup_pod(const char *path, char id[CGROUP_POD_LEN])
{
	for (; *path != '\0'; path = next_part(path)) {
		if (pod_in(path, id))
			return 0;
	}
	id[0] = '\0';
	return -ENOENT;
}

static const char *find_user(const char *path)
{
	for (; *path != '\0'; path = next_part(path)) {
		if ((strncmp(path, "user-", 5) == 0 || strncmp(path, "user@", 5) == 0) &&
		    isdigit((unsigned char)path[5]))
			return path;
	}
	return NULL;
}

bool cgroup_names_user(const char *path)
{
	return find_user(path);
}

void cgroup_cut_user(char *path)
{
	const char *part = find_user(path);

	/* The slash before it goes too, unless it stands for the root. */
	if (part)
		path[part - path > 1 ? part - path - 1 : part - path] = '\0';
}
