/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-read idle: answers whether a node, control group, container or process may be stopped. */
#ifndef HB_READER_IDLE_H
#define HB_READER_IDLE_H

#include <stdint.h>

#include "reader/activity/judge.h"
#include "reader/options.h"

/**
 * idle_touch - set the modification time of @path to @unix_ns, unless it is later already
 * Creates the file if it does not exist. Returns 0 or -errno, logged.
 */
int idle_touch(const char *path, uint64_t unix_ns);

/** idle_status - the exit status for @verdict */
int idle_status(enum idle_verdict verdict);

/**
 * idle_run - print the answer as one line
 * Returns the exit status, 0 active, 1 unknown or 10 idle; or -errno, logged.
 */
int idle_run(const struct read_options *options);

#endif
