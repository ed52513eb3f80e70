/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a beat looks like on standard output. Done once a beat, so by hand. */
#ifndef HB_READER_BEATS_H
#define HB_READER_BEATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"

enum {
	BEATS_CGROUP_MAX = 2048, /* of a cgroup's path as a JSON string; longer ones are left out */
	BEATS_LINE_MAX = BEATS_CGROUP_MAX + 640,
};

/* Who beat. */
struct beats_about {
	char program[HB_COMM_LEN];
	uint32_t uid;
	uint32_t tty; /* as in struct hb_process */
	uint64_t cgroup_id;
	const char *cgroup;    /* as a JSON string; NULL: not known */
	const char *container; /* NULL: in none that is known */
};

/** beats_text - write `TIME - PID` and a newline. Returns the number of bytes */
size_t beats_text(char line[BEATS_LINE_MAX], uint64_t unix_ns, uint32_t pid);

/**
 * beats_json - write a JSON object and a newline
 * @about: NULL if not known any more
 *
 * Returns the number of bytes.
 */
size_t beats_json(char line[BEATS_LINE_MAX], const struct hb_beat *beat, uint64_t unix_ns,
		  const struct beats_about *about);

/** beats_json_lost - the same for @count beats that were lost */
size_t beats_json_lost(char line[BEATS_LINE_MAX], uint64_t count);

#endif
