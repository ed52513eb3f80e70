// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* pinned - bpf(2) for its maps. An unexpected error ends the program. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include <linux/bpf.h>

#include "tests/kernel/pinned.h"
#include "tests/lib/bpf.h"
#include "tests/lib/program.h"

int open_map(const char *name, bool writable)
{
	union bpf_attr attr = {.file_flags = writable ? 0 : BPF_F_RDONLY};
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", pin_dir, name);
	attr.pathname = (uintptr_t)path;
	fd = (int)sys_bpf(BPF_OBJ_GET, &attr);
	if (fd < 0)
		die(path);
	return fd;
}

bool look_up(int fd, const void *key, void *value)
{
	union bpf_attr attr = {.map_fd = (uint32_t)fd,
			       .key = (uintptr_t)key,
			       .value = (uintptr_t)value};

	if (sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr) == 0)
		return true;
	if (errno != ENOENT)
		die("lookup");
	return false;
}

bool next_key(int fd, const void *key, void *next)
{
	union bpf_attr attr = {.map_fd = (uint32_t)fd,
			       .key = (uintptr_t)key,
			       .next_key = (uintptr_t)next};

	return sys_bpf(BPF_MAP_GET_NEXT_KEY, &attr) == 0;
}

void update(int fd, const void *key, const void *value)
{
	union bpf_attr attr = {.map_fd = (uint32_t)fd,
			       .key = (uintptr_t)key,
			       .value = (uintptr_t)value};

	if (sys_bpf(BPF_MAP_UPDATE_ELEM, &attr) < 0)
		die("update");
}

void delete_key(int fd, const void *key)
{
	union bpf_attr attr = {.map_fd = (uint32_t)fd, .key = (uintptr_t)key};

	if (sys_bpf(BPF_MAP_DELETE_ELEM, &attr) < 0)
		die("delete");
}
