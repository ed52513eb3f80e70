// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * empty - attach an empty program to a tracepoint, at the entry or exit of read(2), or with fentry,
 * until SIGTERM
 *
 *	empty tracepoint|exit|fentry
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
	char name[64] = "empty_";
	struct empty_bpf *skeleton;
	struct bpf_program *each = NULL;
	struct bpf_program *chosen;

	libbpf_set_print(silent);
	skeleton = empty_bpf__open();
	if (!skeleton)
		return 1;
	strncat(name, argc == 2 ? argv[1] : "", sizeof(name) - strlen(name) - 1);
	chosen = bpf_object__find_program_by_name(skeleton->obj, name);
	if (!chosen) {
		empty_bpf__destroy(skeleton);
		fputs("usage: empty tracepoint|exit|fentry\n", stderr);
		return EXIT_USAGE;
	}
	while ((each = bpf_object__next_program(skeleton->obj, each)))
		bpf_program__set_autoload(each, each == chosen);
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
