// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * churn - start programs at a steady rate for a while, and reap them all
 *
 * Every fourth one is killed at once, wherever it is by then. A machine that cannot keep up gets
 * three times as long. Prints the number of programs, and the milliseconds they took.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>

#include "bpf/lib/units.h"
#include "tests/lib/program.h"
#include "tests/lib/timing.h"

enum { KILL_EVERY = 4 };

int main(int argc, char *argv[])
{
	char *const no_environment[] = {NULL};
	uint64_t started = 0;
	uint64_t length;
	uint64_t begun;
	uint64_t next;
	uint64_t rate;
	pid_t pid;

	rate = argc < 4 ? 0 : number(argv[1]);
	if (rate == 0) {
		fputs("usage: churn RATE SECONDS PROGRAM...\n"
		      "Start RATE programs per second, each PROGRAM in turn.\n",
		      stderr);
		return EXIT_USAGE;
	}
	length = number(argv[2]);
	begun = next = time_now(CLOCK_MONOTONIC);
	while (started < rate * length &&
	       time_now(CLOCK_MONOTONIC) < begun + 3 * length * NS_PER_S) {
		char *const arguments[] = {argv[3 + started % (uint64_t)(argc - 3)], NULL};

		errno = posix_spawn(&pid, arguments[0], NULL, NULL, arguments, no_environment);
		if (errno != 0)
			die(arguments[0]);
		if (started % KILL_EVERY == 0)
			kill(pid, SIGKILL);
		started++;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		next += NS_PER_S / rate;
		time_sleep_until(next);
	}
	while (wait(NULL) > 0)
		;
	if (errno != ECHILD)
		die("wait");
	printf("%" PRIu64 " %" PRIu64 "\n", started,
	       (time_now(CLOCK_MONOTONIC) - begun) / NS_PER_MS);
	return 0;
}
