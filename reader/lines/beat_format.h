/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Formats a beat as a line, without allocating memory because it runs once per beat. */
#ifndef HB_READER_BEAT_FORMAT_H
#define HB_READER_BEAT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"

enum {
	/* Of a cgroup's path as a JSON string; longer ones are omitted. */
	BEAT_FORMAT_CGROUP_MAX = 2048,
	BEAT_FORMAT_LINE_MAX = BEAT_FORMAT_CGROUP_MAX + 640,
};

/* The process that made a beat. */
struct beat_source {
	char program[HB_COMM_LEN];
	uint32_t uid;
	uint32_t tty; /* as in struct hb_process */
	uint64_t cgroup_id;
	const char *cgroup;    /* as a JSON string; NULL: unknown */
	const char *container; /* NULL: in no known container */
};

/** beat_format_text - write `TIME - PID` and a newline. Returns the number of bytes */
size_t beat_format_text(char line[BEAT_FORMAT_LINE_MAX], uint64_t unix_ns, uint32_t pid);

/**
 * beat_format_json - write a JSON object and a newline
 * @source: NULL if it is not known any more
 *
 * Returns the number of bytes.
 */
size_t beat_format_json(char line[BEAT_FORMAT_LINE_MAX], const struct hb_beat *beat,
			uint64_t unix_ns, const struct beat_source *source);

/** beat_format_json_lost - the same for @count lost beats */
size_t beat_format_json_lost(char line[BEAT_FORMAT_LINE_MAX], uint64_t count);

#endif
