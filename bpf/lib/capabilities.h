/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Gives up capabilities that are not needed any more. */
#ifndef HB_LIB_CAPABILITIES_H
#define HB_LIB_CAPABILITIES_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/capability.h>

/* A set with the capability CAP_@name. */
#define CAPABILITY(name) (1ULL << CAP_##name)

/** capabilities_have - whether this process has capability @number, in its user namespace */
bool capabilities_have(unsigned int number);

/**
 * capabilities_keep - give up all capabilities for good, but those in @set
 *
 * Executing a program cannot get them back. Those that this process does not have stay away. Returns 0
 * or -errno, logged.
 */
int capabilities_keep(uint64_t set);

#endif
