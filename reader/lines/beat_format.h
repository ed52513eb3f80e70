/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a beat looks like on standard output. Done once a beat, so by hand. */
#ifndef HB_READER_BEAT_FORMAT_H
#define HB_READER_BEAT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"

enum {
	BEAT_FORMAT_CGROUP_MAX =
		2048, /* of a cgroup's path as a JSON string; longer ones are left out */
	BEAT_FORMAT_LINE_MAX = BEAT_FORMAT_CGROUP_MAX + 640,
};

/* Who beat. */
struct beat_source {
	char program[HB_COMM_LEN];
	uint32_t uid;
	uint32_t tty; /* as in struct hb_process */
	uint64_t cgroup_id;
	const char *cgroup;    /* as a JSON string; NULL: not known */
	const char *container; /* NULL: in none that is known */
};

/** beat_format_text - write `TIME - PID` and a newline. Returns the number of bytes */
size_t beat_format_text(char line[BEAT_FORMAT_LINE_MAX], uint64_t unix_ns, uint32_t pid);

/**
 * beat_format_json - write a JSON object and a newline
 * @about: NULL if not known any more
 *
 * Returns the number of bytes.
 */
size_t beat_format_json(char line[BEAT_FORMAT_LINE_MAX], const struct hb_beat *beat,
			uint64_t unix_ns, const struct beat_source *about);

/** beat_format_json_lost - the same for @count beats that were lost */
size_t beat_format_json_lost(char line[BEAT_FORMAT_LINE_MAX], uint64_t count);

#endif
