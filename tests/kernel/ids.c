// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ids - list the BPF objects of a pin directory, and find out which of them still exist
 *
 *	ids list DIR	print `map N`, `prog N` or `link N` for each object that is pinned below
 *			DIR, and for each that only those keep alive; some appear twice
 *	ids alive	read such lines, and print those of objects that exist
 *
 * Some programs are in a program array only, with their maps: these are listed too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "tests/lib/bpf.h"

enum { FDS_MAX = 16, ARRAY_MAX = 64, MAPS_MAX = 64 };

/* Print a program, and its maps, since nothing else may keep those alive. */
static void list_program(uint32_t id)
{
	struct bpf_prog_info info = {0};
	union bpf_attr get = {0};
	union bpf_attr ask = {0};
	uint32_t maps[MAPS_MAX] = {0};
	int fd;

	printf("prog %u\n", id);
	get.prog_id = id;
	fd = (int)sys_bpf(BPF_PROG_GET_FD_BY_ID, &get);
	if (fd < 0)
		return;
	info.nr_map_ids = MAPS_MAX;
	info.map_ids = (uintptr_t)maps;
	ask.info.bpf_fd = (uint32_t)fd;
	ask.info.info_len = sizeof(info);
	ask.info.info = (uintptr_t)&info;
	if (sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &ask) == 0)
		for (uint32_t i = 0; i < info.nr_map_ids && i < MAPS_MAX; i++)
			printf("map %u\n", maps[i]);
	close(fd);
}

static void list_program_array(int fd)
{
	union bpf_attr attr = {0};
	uint32_t program = 0;

	for (uint32_t key = 0; key < ARRAY_MAX; key++) {
		attr.map_fd = (uint32_t)fd;
		attr.key = (uintptr_t)&key;
		attr.value = (uintptr_t)&program;
		if (sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr) == 0)
			list_program(program);
	}
}

/* The kernel describes each descriptor in /proc/self/fdinfo. */
static void list_descriptor(int fd)
{
	char path[64];
	char line[256];
	unsigned int id;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = fopen(path, "re");
	if (!info)
		return;
	while (fgets(line, sizeof(line), info)) {
		if (sscanf(line, "map_id: %u", &id) == 1)
			printf("map %u\n", id);
		else if (sscanf(line, "prog_id: %u", &id) == 1)
			list_program(id);
		else if (sscanf(line, "link_id: %u", &id) == 1)
			printf("link %u\n", id);
		else if (sscanf(line, "map_type: %u", &id) == 1 && id == BPF_MAP_TYPE_PROG_ARRAY)
			list_program_array(fd);
	}
	fclose(info);
}

static int list(const char *path, const struct stat *st, int type, struct FTW *where)
{
	union bpf_attr attr = {.pathname = (uintptr_t)path};
	int fd;

	(void)st;
	(void)where;
	if (type != FTW_F)
		return 0;
	fd = (int)sys_bpf(BPF_OBJ_GET, &attr);
	if (fd < 0) {
		fprintf(stderr, "ids: %s: %s\n", path, strerror(errno));
		return 1;
	}
	list_descriptor(fd);
	close(fd);
	return 0;
}

/*
 * Look at the list of ids instead of opening the object: if a program array is opened while it is
 * being freed, some kernels (6.18) keep it for ever.
 */
static bool is_alive(int command, uint32_t id)
{
	union bpf_attr attr = {.start_id = id - 1};

	return sys_bpf(command, &attr) == 0 && attr.next_id == id;
}

static void alive(void)
{
	static const struct {
		const char *kind;
		int command;
	} kinds[] = {
		{"map", BPF_MAP_GET_NEXT_ID},
		{"prog", BPF_PROG_GET_NEXT_ID},
		{"link", BPF_LINK_GET_NEXT_ID},
	};
	char kind[8];
	unsigned int id;

	while (scanf("%7s %u", kind, &id) == 2) {
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
			if (strcmp(kind, kinds[i].kind) == 0 && is_alive(kinds[i].command, id))
				printf("%s %u\n", kind, id);
		}
	}
}

int main(int argc, char *argv[])
{
	if (argc == 3 && strcmp(argv[1], "list") == 0)
		return nftw(argv[2], list, FDS_MAX, FTW_PHYS) == 0 ? 0 : 1;
	if (argc == 2 && strcmp(argv[1], "alive") == 0) {
		alive();
		return 0;
	}
	fputs("usage: ids {list DIR | alive}\n", stderr);
	return 2;
}
