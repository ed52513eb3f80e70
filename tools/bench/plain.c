// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * plain - the other half of plain.bpf.c: load, attach, and print a line for each beat
 *
 *	plain PIDS NAME...
 *
 * PIDS is the highest pid there can be. Messages go to standard error.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../../bpf/lib/clock.h"
#include "plain.h"
#include "plain.skel.h"

enum { PAGES = 64, TIMEOUT_MS = 100, NAME_LEN = 16 };

static uint64_t offset; /* from boot time to unix time */

static void print(void *context, int cpu, void *data, __u32 size)
{
	const struct plain_beat *beat = data;

	(void)context;
	(void)cpu;
	(void)size;
	printf("%" PRIu64 " - %" PRIu64 "\n", (uint64_t)beat->time + offset, (uint64_t)beat->pid);
	fflush(stdout);
}

static void lost(void *context, int cpu, __u64 count)
{
	(void)context;
	(void)cpu;
	fprintf(stderr, "plain: %" PRIu64 " lost\n", (uint64_t)count);
}

static int die(const char *what)
{
	fprintf(stderr, "plain: %s: %s\n", what, strerror(errno));
	return 1;
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

int main(int argc, char *argv[])
{
	struct perf_buffer *buffer;
	struct plain_bpf *skeleton;
	int r;

	if (argc < 3) {
		fputs("usage: plain PIDS NAME...\n", stderr);
		return 2;
	}
	skeleton = plain_bpf__open();
	if (!skeleton)
		return die("open");
	bpf_map__set_max_entries(skeleton->maps.pids, (__u32)strtoul(argv[1], NULL, 10));
	if (plain_bpf__load(skeleton) < 0 || list_names(skeleton, argv + 2) < 0)
		return die("load");
	buffer = perf_buffer__new(bpf_map__fd(skeleton->maps.events), PAGES, print, lost, NULL,
				  NULL);
	if (!buffer)
		return die("perf buffer");
	offset = clock_offset_ns();
	if (plain_bpf__attach(skeleton) < 0)
		return die("attach");
	do {
		r = perf_buffer__poll(buffer, TIMEOUT_MS);
	} while (r >= 0 || r == -EINTR);
	return die("poll");
}
