/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Read the list of watched programs, and write it to the kernel. */
#ifndef HB_LOADER_PROGRAMS_H
#define HB_LOADER_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/log.h"

/* The programs that are watched without another list, with blanks between. */
#define HB_PROGRAMS_DEFAULT "nvim nano vim ed vi emacs more less vimdiff tilde"

struct programs {
	size_t count;
	char names[HB_PROGRAMS_MAX][HB_COMM_LEN]; /* zero padded */
};

/**
 * programs_parse - make the list from --programs
 * @text: names with commas between, or @FILE; a leading + puts HB_PROGRAMS_DEFAULT first;
 *        NULL: use @etc if it exists, else HB_PROGRAMS_DEFAULT
 * @etc: path of the system's list, one name per line
 *
 * Names longer than the 15 bytes that the kernel keeps of a command name (TASK_COMM_LEN) are cut,
 * with a warning. Returns 0; or -EINVAL with the reason in @why, or logged if that is NULL.
 */
int programs_parse(const char *text, const char *etc, struct programs *programs,
		   struct reason *why);

/** programs_have - whether @name is on the list */
bool programs_have(const struct programs *programs, const char *name);

/**
 * programs_check_rule - see that the list goes with @rule, enum hb_rule
 *
 * HB_ANY_PROGRAM needs keys: a read of descriptor 0 says nothing about a person if every program
 * counts. Returns 0, or -EINVAL with the reason in @why, or logged if that is NULL.
 */
int programs_check_rule(const struct programs *programs, uint32_t rule, struct reason *why);

/** programs_differ - whether the list of the pinned map @fd is another one */
bool programs_differ(int fd, const struct programs *programs);

/**
 * programs_apply - make the keys of the map @fd those of @programs
 *
 * Adds new names first, then deletes names that are not in the list. Names that stay keep their
 * counters. Returns 0 or -errno, logged.
 */
int programs_apply(int fd, const struct programs *programs);

#endif
