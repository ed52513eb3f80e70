// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * watched - the program that is watched: make system calls, and say what they cost
 *
 *	watched cost CALL COUNT MS	nanoseconds a call: the least of as many times COUNT of them
 *					as go into MS milliseconds
 *	watched pace RATE COUNT [FILE]	COUNT reads of descriptor 0, RATE a second or as many as
 *					there can be; prints how many a second there were, and
 *					writes the time of each to FILE: 64 bits, CLOCK_REALTIME, ns
 *
 * CALL is getppid, other (a read of another descriptor) or stdin (of descriptor 0). What is read is
 * /dev/zero, a byte at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_S = 1000000000, NS_PER_MS = 1000000, SPIN_BELOW_NS = 200000 };

static int zero; /* a descriptor that is not 0 */

static void die(const char *what)
{
	fprintf(stderr, "watched: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

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
		/* Not the library's function, which is free to remember the answer. */
		while (count-- > 0)
			syscall(SYS_getppid);
	} else {
		while (count-- > 0)
			read_one(fd);
	}
}

/* Nanoseconds for each of @count. */
static double time_calls(const char *name, uint64_t count)
{
	uint64_t start = now(CLOCK_MONOTONIC);

	call(name, count);
	return (double)(now(CLOCK_MONOTONIC) - start) / (double)count;
}

static int cost(const char *name, uint64_t count, uint64_t ms)
{
	uint64_t end = now(CLOCK_MONOTONIC) + ms * NS_PER_MS;
	double least = time_calls(name, count);

	while (now(CLOCK_MONOTONIC) < end) {
		double each = time_calls(name, count);

		if (each < least)
			least = each;
	}
	printf("%.1f\n", least);
	return 0;
}

/* A sleep takes some 60 us more than it was asked for, so short waits spin. */
static void wait_until(uint64_t when, uint64_t interval)
{
	struct timespec ts = {.tv_sec = (time_t)(when / NS_PER_S),
			      .tv_nsec = (long)(when % NS_PER_S)};

	if (interval > SPIN_BELOW_NS)
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	while (now(CLOCK_MONOTONIC) < when)
		;
}

static int pace(uint64_t rate, uint64_t count, const char *path)
{
	FILE *file = path ? fopen(path, "we") : NULL;
	uint64_t start = now(CLOCK_MONOTONIC);

	if (path && !file)
		die(path);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t time;

		wait_until(start + i * NS_PER_S / rate, NS_PER_S / rate);
		time = file ? now(CLOCK_REALTIME) : 0;
		read_one(STDIN_FILENO);
		if (file && fwrite(&time, sizeof(time), 1, file) != 1)
			die(path);
	}
	printf("%.0f\n", (double)count * NS_PER_S / (double)(now(CLOCK_MONOTONIC) - start));
	return file && fclose(file) != 0 ? 1 : 0;
}

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 10);
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
	return 2;
}
