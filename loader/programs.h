/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Write the lists of watched and of busy programs to the kernel. */
#ifndef HB_LOADER_PROGRAMS_H
#define HB_LOADER_PROGRAMS_H

#include <stdint.h>

#include "bpf/lib/log.h"
#include "bpf/lib/names.h"

/**
 * programs_check_rule - see that the list goes with @rule, enum hb_rule
 *
 * HB_ANY_PROGRAM needs keys: a read of descriptor 0 says nothing about a person if every program
 * counts. Returns 0, or -EINVAL with the reason in @why, or logged if that is NULL.
 */
int programs_check_rule(const struct names *programs, uint32_t rule, struct reason *why);

/** programs_read - read the keys of the map @fd, in the order of their bytes. Returns 0 or -errno, logged */
int programs_read(int fd, struct names *programs);

/**
 * programs_apply - make the keys of the map @fd, of watched or of busy programs, those of @programs
 *
 * Adds new names first, then deletes names that are not in the list. Names that stay keep their
 * counters. Returns 0 or -errno, logged.
 */
int programs_apply(int fd, const struct names *programs);

#endif
