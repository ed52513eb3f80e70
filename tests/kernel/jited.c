// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * jited - write the machine code of a loaded BPF program to standard output: jited ID
 *
 * bpftool does that only if it was built with a library that can disassemble it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <bpf/bpf.h>

#include "tests/lib/program.h"

int main(int argc, char *argv[])
{
	struct bpf_prog_info info = {0};
	uint32_t length = sizeof(info);
	uint32_t size;
	void *code;
	int fd;

	if (argc != 2) {
		fputs("usage: jited ID\n", stderr);
		return EXIT_USAGE;
	}
	fd = bpf_prog_get_fd_by_id((uint32_t)number(argv[1]));
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &length) < 0)
		die(argv[1]);
	size = info.jited_prog_len;
	code = malloc(size);
	if (!code)
		die("malloc");
	info = (struct bpf_prog_info){
		.jited_prog_insns = (uint64_t)(uintptr_t)code,
		.jited_prog_len = size,
	};
	if (bpf_obj_get_info_by_fd(fd, &info, &length) < 0 || fwrite(code, 1, size, stdout) != size)
		die(argv[1]);
	return 0;
}
