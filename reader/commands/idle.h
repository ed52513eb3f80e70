/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-read idle: may it be stopped? */
#ifndef HB_READER_IDLE_H
#define HB_READER_IDLE_H

#include <stddef.h>

#include "reader/activity/activity.h"
#include "reader/options.h"

enum idle_verdict {
	IDLE_ACTIVE,
	IDLE_IDLE,
	IDLE_UNKNOWN,
};

/**
 * idle_judge - has there been no activity for @seconds, at @now in boot time?
 * What is doubtful is not said to be idle; what was seen to be active is so all the same.
 */
enum idle_verdict idle_judge(const struct activity_answer *answer, uint64_t now, uint64_t seconds);

/**
 * idle_touch - set the modification time of @path to @unix_ns, unless it is later already
 * A file that is not there is made. Returns 0 or -errno, logged.
 */
int idle_touch(const char *path, uint64_t unix_ns);

/**
 * idle_run - answer with a line, and with the exit status: 0 active, 1 unknown, 10 idle
 * Returns it, or -errno, logged.
 */
int idle_run(const struct read_options *options);

#endif
