// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ids - which objects of the kernel belong to a pin directory, and which of them still exist
 *
 *	ids list DIR	print `map N`, `prog N`, `link N` for what is pinned below DIR
 *	ids alive	read such lines, and print those that exist
 *
 * Programs that only an array of programs holds are found there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

enum { FDS_MAX = 16, ARRAY_MAX = 64 };

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static void list_program_array(int fd)
{
	union bpf_attr attr = {0};
	uint32_t program;

	for (uint32_t key = 0; key < ARRAY_MAX; key++) {
		attr.map_fd = (uint32_t)fd;
		attr.key = (uintptr_t)&key;
		attr.value = (uintptr_t)&program;
		if (bpf(BPF_MAP_LOOKUP_ELEM, &attr) == 0)
			printf("prog %u\n", program);
	}
}

/* The kernel tells what a descriptor is in /proc/self/fdinfo. */
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
			printf("prog %u\n", id);
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
	fd = (int)bpf(BPF_OBJ_GET, &attr);
	if (fd < 0) {
		fprintf(stderr, "ids: %s: %s\n", path, strerror(errno));
		return 1;
	}
	list_descriptor(fd);
	close(fd);
	return 0;
}

static void alive(void)
{
	static const struct {
		const char *kind;
		int command;
	} kinds[] = {
		{"map", BPF_MAP_GET_FD_BY_ID},
		{"prog", BPF_PROG_GET_FD_BY_ID},
		{"link", BPF_LINK_GET_FD_BY_ID},
	};
	char kind[8];
	unsigned int id;

	while (scanf("%7s %u", kind, &id) == 2) {
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
			union bpf_attr attr = {0};
			int fd;

			if (strcmp(kind, kinds[i].kind) != 0)
				continue;
			attr.map_id = id; /* one union with prog_id and link_id */
			fd = (int)bpf(kinds[i].command, &attr);
			if (fd < 0)
				continue;
			printf("%s %u\n", kind, id);
			close(fd);
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
