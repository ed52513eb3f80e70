// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/units.h"

/* The two clocks cannot be read at once. A smaller difference is not a change of the clock. */
static const uint64_t jitter_ns = 10 * NS_PER_US;

static uint64_t now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

int64_t clock_parse_shift(FILE *offsets)
{
	char clock[16];
	int64_t seconds;
	int64_t ns;

	while (fscanf(offsets, "%15s %" SCNd64 " %" SCNd64, clock, &seconds, &ns) == 3) {
		if (strcmp(clock, "boottime") == 0)
			return seconds * (int64_t)NS_PER_S + ns;
	}
	return 0;
}

/*
 * The file shows the namespace that children will be in. Before Linux 6.2 a process that unshares,
 * and then executes this program, is not in it itself.
 */
static bool is_initial_namespace(void)
{
	/* PROC_TIME_INIT_INO of the kernel. */
	static const ino_t initial_inode = 0xeffffffa;
	struct stat st;

	/* Kernels without CONFIG_TIME_NS have neither file. */
	return stat("/proc/self/ns/time", &st) < 0 || st.st_ino == initial_inode;
}

int64_t clock_shift_ns(void)
{
	static int64_t shift;
	static bool known;
	FILE *offsets;

	if (known)
		return shift;
	known = true;
	offsets = is_initial_namespace() ? NULL : fopen("/proc/self/timens_offsets", "re");
	if (offsets) {
		shift = clock_parse_shift(offsets);
		fclose(offsets);
	}
	return shift;
}

uint64_t clock_boot_ns(void)
{
	return now(CLOCK_BOOTTIME) - (uint64_t)clock_shift_ns();
}

uint64_t clock_offset_ns(void)
{
	static uint64_t offset;
	uint64_t best = UINT64_MAX;
	uint64_t fresh = 0;

	/* If the readings are interrupted the gap is wide: keep the narrowest of three. */
	for (int i = 0; i < 3; i++) {
		uint64_t before = clock_boot_ns();
		uint64_t real = now(CLOCK_REALTIME);
		uint64_t after = clock_boot_ns();

		if (after - before >= best)
			continue;
		best = after - before;
		fresh = real - (before + best / 2);
	}
	if (fresh - offset > jitter_ns && offset - fresh > jitter_ns)
		offset = fresh;
	return offset;
}

void clock_rfc3339(char text[CLOCK_RFC3339_LEN], uint64_t unix_ns)
{
	time_t seconds = (time_t)(unix_ns / NS_PER_S);
	struct tm tm;
	size_t length;

	gmtime_r(&seconds, &tm);
	length = strftime(text, CLOCK_RFC3339_LEN, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + length, CLOCK_RFC3339_LEN - length, ".%09luZ",
		 (unsigned long)(unix_ns % NS_PER_S));
}
