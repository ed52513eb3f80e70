// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * watched - the program that is watched: make system calls, and print what they cost
 *
 *	watched cost CALL COUNT MS	print nanoseconds per call: the least of several series of
 *					COUNT calls, as many as go into MS milliseconds
 *	watched pace RATE COUNT [FILE]	read descriptor 0 COUNT times, at RATE per second or as fast as
 *					possible; print how many reads per second there were, and
 *					write the time of each to FILE: 64 bits, CLOCK_REALTIME, ns
 *
 * CALL is getppid, other (a read of another descriptor) or stdin (a read of descriptor 0). All reads
 * take one byte from /dev/zero.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf/lib/units.h"
#include "tests/lib/program.h"
#include "tests/lib/timing.h"

static int zero; /* a descriptor that is not 0 */

static void read_one(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		die("read");
}

static void call(const char *name, uint64_t count)
{
	int fd = strcmp(name, "stdin") == 0 ? STDIN_FILENO : zero;

	if (strcmp(name, "getppid") == 0) {
		/* Not the function of the C library, which may cache the result. */
		while (count-- > 0)
			syscall(SYS_getppid);
	} else {
		while (count-- > 0)
			read_one(fd);
	}
}

/* Returns nanoseconds per call. */
static double time_calls(const char *name, uint64_t count)
{
	uint64_t start = time_now(CLOCK_MONOTONIC);

	call(name, count);
	return (double)(time_now(CLOCK_MONOTONIC) - start) / (double)count;
}

static int cost(const char *name, uint64_t count, uint64_t ms)
{
	uint64_t end = time_now(CLOCK_MONOTONIC) + ms * NS_PER_MS;
	double least = time_calls(name, count);

	while (time_now(CLOCK_MONOTONIC) < end) {
		double each = time_calls(name, count);

		if (each < least)
			least = each;
	}
	printf("%.1f\n", least);
	return 0;
}

static int pace(uint64_t rate, uint64_t count, const char *path)
{
	FILE *file = path ? fopen(path, "we") : NULL;
	uint64_t start = time_now(CLOCK_MONOTONIC);

	if (path && !file)
		die(path);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t time;

		time_wait_until(start + i * NS_PER_S / rate, NS_PER_S / rate);
		time = file ? time_now(CLOCK_REALTIME) : 0;
		read_one(STDIN_FILENO);
		if (file && fwrite(&time, sizeof(time), 1, file) != 1)
			die(path);
	}
	printf("%.0f\n", (double)(count * NS_PER_S) / (double)(time_now(CLOCK_MONOTONIC) - start));
	return file && fclose(file) != 0 ? 1 : 0;
}

int main(int argc, char *argv[])
{
	zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (zero < 0 || dup2(zero, STDIN_FILENO) < 0)
		die("/dev/zero");
	if (argc == 5 && strcmp(argv[1], "cost") == 0)
		return cost(argv[2], number(argv[3]), number(argv[4]));
	if (argc >= 4 && strcmp(argv[1], "pace") == 0 && number(argv[2]) > 0)
		return pace(number(argv[2]), number(argv[3]), argc > 4 ? argv[4] : NULL);
	fputs("usage: watched cost CALL COUNT MS | pace RATE COUNT [FILE]\n", stderr);
	return EXIT_USAGE;
}
