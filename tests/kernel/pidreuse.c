// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pidreuse - start a process with a given pid, and wait for its end
 *
 *	pidreuse PID PROGRAM [ARGUMENT]...	run a program
 *	pidreuse PID --read COUNT		run none: only fork, and read descriptor 0
 *
 * Exits with the child's status, or with 125 if the pid is not available.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/sched.h>

#include "tests/lib/program.h"

enum { EXIT_NO_PID = 125, EXIT_NO_PROGRAM = 127 };

static int child(char *argv[])
{
	char byte;

	if (strcmp(argv[0], "--read") == 0 && argv[1]) {
		for (uint64_t i = number(argv[1]); i > 0; i--)
			if (read(STDIN_FILENO, &byte, 1) < 0)
				return 1;
		return 0;
	}
	execvp(argv[0], argv);
	fprintf(stderr, "pidreuse: %s: %s\n", argv[0], strerror(errno));
	return EXIT_NO_PROGRAM;
}

int main(int argc, char *argv[])
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	pid_t pid;
	long r;
	int status;

	if (argc < 3) {
		fputs("usage: pidreuse PID {PROGRAM [ARGUMENT]... | --read COUNT}\n", stderr);
		return EXIT_USAGE;
	}
	pid = (pid_t)number(argv[1]);
	args.set_tid = (uintptr_t)&pid;
	args.set_tid_size = 1;
	r = syscall(SYS_clone3, &args, sizeof(args));
	if (r < 0) {
		fprintf(stderr, "pidreuse: pid %d: %s\n", pid, strerror(errno));
		return EXIT_NO_PID;
	}
	if (r == 0)
		_exit(child(argv + 2));
	if (waitpid((pid_t)r, &status, 0) < 0)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
