// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * watched - the program that is watched: make system calls, and print what they cost
 *
 *	watched cost CALL COUNT MS	print nanoseconds per call: the least of several series of
 *					COUNT calls, as many as go into MS milliseconds
 *	watched spawn COUNT		print microseconds to spawn /bin/true and wait for it: the least
 *					of several series, COUNT processes in all
 *	watched pace RATE COUNT [FILE]	read descriptor 0 COUNT times, at RATE per second or as fast as
 *					possible; print how many reads per second there were, and
 *					write the time of each to FILE: 64 bits, CLOCK_REALTIME, ns
 *
 * CALL is getppid, stdin (a read of descriptor 0) or a read of another descriptor: other, file or
 * pipe. Each read takes one byte; stdin and other read /dev/zero.
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf/lib/units.h"
#include "tests/lib/program.h"
#include "tests/lib/timing.h"

enum {
	/* What goes into a pipe or file for one series. */
	SERIES_MAX = 4096,
	SPAWNS = 10, /* timed together */
};

static int zero; /* a descriptor that is not 0 */

static void read_one(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		die("read");
}

static void write_all(int fd, uint64_t count)
{
	static const char bytes[SERIES_MAX];

	if (count > sizeof(bytes) || write(fd, bytes, count) != (ssize_t)count)
		die("write");
}

/* Returns a descriptor with @count bytes to read. Each series empties it. */
static int fill(const char *name, uint64_t count)
{
	static int file = -1;
	static int ends[2] = {-1, -1};

	if (strcmp(name, "pipe") == 0) {
		if (ends[0] < 0 && pipe(ends) < 0)
			die("pipe");
		write_all(ends[1], count);
		return ends[0];
	}
	if (file < 0) {
		file = memfd_create("watched", MFD_CLOEXEC);
		if (file < 0)
			die("memfd_create");
		write_all(file, count);
	}
	if (lseek(file, 0, SEEK_SET) < 0)
		die("lseek");
	return file;
}

static int descriptor_of(const char *name, uint64_t count)
{
	if (strcmp(name, "stdin") == 0)
		return STDIN_FILENO;
	return strcmp(name, "other") == 0 ? zero : fill(name, count);
}

/* Returns nanoseconds per call. */
static double time_calls(const char *name, uint64_t count)
{
	bool reads = strcmp(name, "getppid") != 0;
	int fd = reads ? descriptor_of(name, count) : -1;
	uint64_t start = time_now(CLOCK_MONOTONIC);

	for (uint64_t i = 0; i < count; i++) {
		if (reads)
			read_one(fd);
		else
			/* Not the function of the C library, which may cache the result. */
			syscall(SYS_getppid);
	}
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

static void spawn_one(void)
{
	char *arguments[] = {"true", NULL};
	pid_t pid;
	int status;

	if (posix_spawn(&pid, "/bin/true", NULL, NULL, arguments, NULL) != 0 ||
	    waitpid(pid, &status, 0) < 0)
		die("/bin/true");
}

static int spawn(uint64_t count)
{
	double least = 0;

	for (uint64_t done = 0; done < count; done += SPAWNS) {
		uint64_t start = time_now(CLOCK_MONOTONIC);
		double each;

		for (int i = 0; i < SPAWNS; i++)
			spawn_one();
		each = (double)(time_now(CLOCK_MONOTONIC) - start) / SPAWNS / NS_PER_US;
		if (done == 0 || each < least)
			least = each;
	}
	printf("%.2f\n", least);
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
	if (argc == 3 && strcmp(argv[1], "spawn") == 0)
		return spawn(number(argv[2]));
	if (argc >= 4 && strcmp(argv[1], "pace") == 0 && number(argv[2]) > 0)
		return pace(number(argv[2]), number(argv[3]), argc > 4 ? argv[4] : NULL);
	fputs("usage: watched cost CALL COUNT MS | spawn COUNT | pace RATE COUNT [FILE]\n", stderr);
	return EXIT_USAGE;
}
