// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * empty - attach an empty program to a tracepoint or with fentry, until SIGTERM
 *
 *	empty tracepoint|fentry
 *
 * Prints a line once it is attached. Exit status 77: this kernel refuses it.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "tests/lib/program.h"
#include "empty.skel.h"

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

int main(int argc, char *argv[])
{
	struct empty_bpf *skeleton;
	int fentry = argc == 2 && strcmp(argv[1], "fentry") == 0;

	if (!fentry && (argc != 2 || strcmp(argv[1], "tracepoint") != 0)) {
		fputs("usage: empty tracepoint|fentry\n", stderr);
		return EXIT_USAGE;
	}
	libbpf_set_print(silent);
	skeleton = empty_bpf__open();
	if (!skeleton)
		return 1;
	bpf_program__set_autoload(skeleton->progs.empty_tracepoint, !fentry);
	bpf_program__set_autoload(skeleton->progs.empty_fentry, fentry);
	if (empty_bpf__load(skeleton) < 0 || empty_bpf__attach(skeleton) < 0) {
		empty_bpf__destroy(skeleton);
		return EXIT_SKIPPED;
	}
	puts("attached");
	fflush(stdout);
	pause();
	empty_bpf__destroy(skeleton);
	return 0;
}
