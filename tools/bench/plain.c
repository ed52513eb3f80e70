// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * plain - load and attach plain.bpf.c, and print a line for each beat
 *
 *	plain perf|ring|silent PIDS NAME...
 *
 * PIDS is the highest pid possible. Messages go to standard error.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/types.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/lib/clock.h"
#include "tests/lib/program.h"
#include "tools/bench/plain.h"
#include "plain.skel.h"

enum { PAGES = 64, TIMEOUT_MS = 100, SILENCE_US = 1000, NAME_LEN = 16 };

static uint64_t offset; /* from boot time to unix time */

static void print(const struct plain_beat *beat)
{
	printf("%" PRIu64 " - %" PRIu64 "\n", (uint64_t)beat->time + offset, (uint64_t)beat->pid);
	fflush(stdout);
}

static void report_lost(uint64_t count)
{
	fprintf(stderr, "plain: %" PRIu64 " lost\n", count);
}

static void on_sample(void *context, int cpu, void *data, __u32 size)
{
	(void)context;
	(void)cpu;
	(void)size;
	print(data);
}

static void on_lost(void *context, int cpu, __u64 count)
{
	(void)context;
	(void)cpu;
	report_lost(count);
}

static int on_record(void *context, void *data, size_t size)
{
	(void)context;
	(void)size;
	print(data);
	return 0;
}

static int list_names(const struct plain_bpf *skeleton, char *names[])
{
	static const uint8_t listed = 1;
	char key[NAME_LEN];

	for (; *names; names++) {
		memset(key, 0, sizeof(key));
		strncpy(key, *names, sizeof(key) - 1);
		if (bpf_map_update_elem(bpf_map__fd(skeleton->maps.names), key, &listed, BPF_ANY) <
		    0)
			return -1;
	}
	return 0;
}

__attribute__((noreturn)) static void read_perf(struct plain_bpf *skeleton)
{
	struct perf_buffer *buffer = perf_buffer__new(bpf_map__fd(skeleton->maps.events), PAGES,
						      on_sample, on_lost, NULL, NULL);
	int r;

	if (!buffer)
		die("perf buffer");
	if (plain_bpf__attach(skeleton) < 0)
		die("attach");
	do {
		r = perf_buffer__poll(buffer, TIMEOUT_MS);
	} while (r >= 0 || r == -EINTR);
	die("poll");
}

__attribute__((noreturn)) static void read_ring(struct plain_bpf *skeleton, bool silent)
{
	struct ring_buffer *ring =
		ring_buffer__new(bpf_map__fd(skeleton->maps.ring), on_record, NULL, NULL);
	uint64_t reported = 0;
	uint64_t lost;
	int r;

	if (!ring)
		die("ring buffer");
	if (plain_bpf__attach(skeleton) < 0)
		die("attach");
	do {
		if (silent)
			usleep(SILENCE_US);
		r = silent ? ring_buffer__consume(ring) : ring_buffer__poll(ring, TIMEOUT_MS);
		lost = skeleton->bss->lost;
		if (lost != reported)
			report_lost(lost - reported);
		reported = lost;
	} while (r >= 0 || r == -EINTR);
	die("poll");
}

static int way_of(const char *name)
{
	static const char *const names[] = {"perf", "ring", "silent"};

	for (int way = PLAIN_PERF; way <= PLAIN_SILENT; way++) {
		if (strcmp(name, names[way]) == 0)
			return way;
	}
	return -1;
}

int main(int argc, char *argv[])
{
	struct plain_bpf *skeleton;
	int way = argc < 4 ? -1 : way_of(argv[1]);

	if (way < 0) {
		fputs("usage: plain perf|ring|silent PIDS NAME...\n", stderr);
		return EXIT_USAGE;
	}
	skeleton = plain_bpf__open();
	if (!skeleton)
		die("open");
	skeleton->rodata->way = (__u32)way;
	bpf_map__set_autocreate(skeleton->maps.events, way == PLAIN_PERF);
	bpf_map__set_autocreate(skeleton->maps.ring, way != PLAIN_PERF);
	bpf_map__set_max_entries(skeleton->maps.pids, (__u32)number(argv[2]));
	if (plain_bpf__load(skeleton) < 0 || list_names(skeleton, argv + 3) < 0)
		die("load");
	offset = clock_offset_ns();
	if (way == PLAIN_PERF)
		read_perf(skeleton);
	read_ring(skeleton, way == PLAIN_SILENT);
}
