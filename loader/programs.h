/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The list of considered programs. */
#ifndef HB_LOADER_PROGRAMS_H
#define HB_LOADER_PROGRAMS_H

#include <stddef.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"

struct programs {
	size_t count;
	char names[HB_PROGRAMS_MAX][HB_COMM_LEN]; /* zero padded */
};

/**
 * programs_parse - make the list from --programs
 * @text: names with commas between, or @FILE; with a leading + the default ten come first; NULL:
 *        @etc if it exists, else the default ten
 * @etc: path of the system's list, one name a line
 *
 * Names longer than the 15 bytes that the kernel keeps of a command name (TASK_COMM_LEN) are cut,
 * with a warning. Returns 0 or -errno after one logged line; -EINVAL if @text is wrong.
 */
int programs_parse(const char *text, const char *etc, struct programs *programs);

/**
 * programs_apply - make the keys of the pinned map @fd those of @programs
 *
 * New names are added first, then those not in the list deleted; counters of names that stay are
 * kept. Returns 1 if anything changed, 0 if not, or -errno, logged.
 */
int programs_apply(int fd, const struct programs *programs);

#endif
