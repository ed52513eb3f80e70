// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * churn - start programs at a steady rate, for a while, and see each of them end
 *
 * Every fourth is killed at once, wherever it is by then. A machine that cannot keep up gets
 * three times as long. On standard output: how many there were, and in how many milliseconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_S = 1000000000, NS_PER_MS = 1000000, KILL_EVERY = 4 };

static int die(const char *what, int error)
{
	fprintf(stderr, "churn: %s: %s\n", what, strerror(error));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static void sleep_until(uint64_t when)
{
	struct timespec ts = {.tv_sec = (time_t)(when / NS_PER_S),
			      .tv_nsec = (long)(when % NS_PER_S)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

int main(int argc, char *argv[])
{
	char *const no_environment[] = {NULL};
	uint64_t started = 0;
	uint64_t interval;
	uint64_t begun;
	uint64_t length;
	uint64_t total;
	uint64_t next;
	pid_t pid;

	if (argc < 4 || atoi(argv[1]) < 1) {
		fputs("usage: churn RATE SECONDS PROGRAM...\n"
		      "Start RATE programs a second, each PROGRAM in turn.\n",
		      stderr);
		return 2;
	}
	interval = NS_PER_S / strtoull(argv[1], NULL, 10);
	length = strtoull(argv[2], NULL, 10);
	total = strtoull(argv[1], NULL, 10) * length;
	begun = next = now();
	while (started < total && now() < begun + 3 * length * NS_PER_S) {
		char *const arguments[] = {argv[3 + started % (uint64_t)(argc - 3)], NULL};
		int r = posix_spawn(&pid, arguments[0], NULL, NULL, arguments, no_environment);

		if (r != 0)
			die(arguments[0], r);
		if (started % KILL_EVERY == 0)
			kill(pid, SIGKILL);
		started++;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		next += interval;
		sleep_until(next);
	}
	while (wait(NULL) > 0)
		;
	if (errno != ECHILD)
		die("wait", errno);
	printf("%llu %llu\n", (unsigned long long)started,
	       (unsigned long long)((now() - begun) / NS_PER_MS));
	return 0;
}
