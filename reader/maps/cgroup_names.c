// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "reader/maps/cgroup_names.h"
#include "reader/text/text.h"

enum {
	/* `T-1234567890` */
	ECS_TASK_DIGITS = 32,
	ECS_SHORTEST = 9,
	ECS_LONGEST = 10,
};

bool cgroup_is_escaped(const char *path)
{
	while ((path = strchr(path, '%'))) {
		if (text_unescape(path) == 0)
			return false;
		path++;
	}
	return true;
}

bool cgroup_is_named(const char *name, const char *escaped, size_t length)
{
	for (size_t i = 0; i < length; name++) {
		unsigned char c = text_unescape(escaped + i);

		if ((unsigned char)*name != (c ? c : (unsigned char)escaped[i]))
			return false;
		i += c ? 3 : 1;
	}
	return *name == '\0';
}

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

static size_t count_hex(const char *text)
{
	return strspn(text, "0123456789abcdef");
}

static size_t count_decimal(const char *text)
{
	return strspn(text, "0123456789");
}

/* `crio-conmon-ID` and `libpod-conmon-ID` hold the process that watches the container from outside. */
static bool is_monitor(const char *name, const char *id)
{
	static const char end[] = "conmon-";
	const size_t length = sizeof(end) - 1;

	return (size_t)(id - name) >= length && memcmp(id - length, end, length) == 0;
}

/* The length of an id that begins at @text, without what may follow it; 0: none does. */
static size_t ecs_length(const char *text)
{
	size_t digits;

	if (count_hex(text) != ECS_TASK_DIGITS || text[ECS_TASK_DIGITS] != '-')
		return 0;
	digits = count_decimal(text + ECS_TASK_DIGITS + 1);
	return digits >= ECS_SHORTEST && digits <= ECS_LONGEST ? ECS_TASK_DIGITS + 1 + digits : 0;
}

/* The container id in the first part of @path. */
static bool container_in(const char *path, char id[CGROUP_CONTAINER_LEN])
{
	const size_t digits = CGROUP_CONTAINER_LEN - 1;
	size_t length = length_without(path, part_length(path), ".scope");
	const char *start = path;

	if (length > 0 && ecs_length(path) == part_length(path)) {
		memcpy(id, path, length);
		id[length] = '\0';
		return true;
	}
	if (length < digits)
		return false;
	start = path + length - digits;
	if (start > path && start[-1] != '-' && start[-1] != ':')
		return false;
	if (count_hex(start) < digits || is_monitor(path, start))
		return false;
	memcpy(id, start, digits);
	id[digits] = '\0';
	return true;
}

bool cgroup_is_container_id(const char *text)
{
	size_t length = count_hex(text);

	if (length == ECS_TASK_DIGITS && text[length] == '-') {
		text += length + 1;
		length = count_decimal(text);
		return length <= ECS_LONGEST && text[length] == '\0';
	}
	return length >= CGROUP_CONTAINER_SHORTEST && length < CGROUP_CONTAINER_LEN &&
	       text[length] == '\0';
}

int cgroup_container_shown(const char *id)
{
	return strchr(id, '-') ? CGROUP_CONTAINER_LEN : CGROUP_CONTAINER_SHORTEST;
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

bool cgroup_is_pod_id(const char *text)
{
	char name[sizeof("pod") - 1 + CGROUP_POD_LEN];
	char id[CGROUP_POD_LEN];

	return strlen(text) < CGROUP_POD_LEN &&
	       snprintf(name, sizeof(name), "pod%s", text) < (int)sizeof(name) &&
	       pod_in(name, id) && strcmp(id, text) == 0;
}

bool cgroup_is_user_slice(const char *name)
{
	const char *digits = name + strlen("user-");

	return strncmp(name, "user-", strlen("user-")) == 0 && count_decimal(digits) > 0 &&
	       strcmp(digits + count_decimal(digits), ".slice") == 0;
}

int cgroup_workspace(const char *container, const char *pod, char name[CGROUP_WORKSPACE_LEN])
{
	bool in_container = container[0] != '\0';
	bool in_pod = pod[0] != '\0';

	snprintf(name, CGROUP_WORKSPACE_LEN, "%s%.*s%s%s%s", in_container ? "container " : "",
		 cgroup_container_shown(container), container, in_container && in_pod ? " of " : "",
		 in_pod ? "pod " : "", pod);
	return in_container || in_pod ? 0 : -ENOENT;
}

bool cgroup_names_user(const char *path)
{
	for (; *path != '\0'; path = next_part(path)) {
		if ((strncmp(path, "user-", 5) == 0 || strncmp(path, "user@", 5) == 0) &&
		    isdigit((unsigned char)path[5]))
			return true;
	}
	return false;
}
