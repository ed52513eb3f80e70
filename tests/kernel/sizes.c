// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sizes - print how much the kernel spends on maps and programs
 *
 * Reads lines `map N` and `prog N`, as `ids list` prints them, and prints for each
 *
 *	map NAME MEMORY			in bytes
 *	prog NAME XLATED VERIFIED	bytes as rewritten by the verifier; instructions that the
 *					verifier looked at
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

static int print_program(int fd)
{
	struct bpf_prog_info info = {0};
	uint32_t length = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &length) < 0)
		return -1;
	printf("prog %s %u %u\n", info.name, info.xlated_prog_len, info.verified_insns);
	return 0;
}

/* The kernel shows it only in the text on the descriptor. */
static uint64_t memory_of(int fd)
{
	uint64_t bytes = 0;
	char path[64];
	char line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "memlock: %" SCNu64, &bytes) == 1)
			break;
	}
	if (file)
		fclose(file);
	return bytes;
}

static int print_map(int fd)
{
	struct bpf_map_info info = {0};
	uint32_t length = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &length) < 0)
		return -1;
	printf("map %s %" PRIu64 "\n", info.name, memory_of(fd));
	return 0;
}

int main(void)
{
	unsigned int id;
	char kind[8];
	int r = 0;

	while (r == 0 && scanf("%7s %u", kind, &id) == 2) {
		bool program = strcmp(kind, "prog") == 0;
		int fd;

		if (!program && strcmp(kind, "map") != 0)
			continue;
		fd = program ? bpf_prog_get_fd_by_id(id) : bpf_map_get_fd_by_id(id);
		r = fd < 0 ? -1 : program ? print_program(fd) : print_map(fd);
		if (r < 0)
			fprintf(stderr, "sizes: cannot get information on %s %u\n", kind, id);
		if (fd >= 0)
			close(fd);
	}
	return r < 0;
}
