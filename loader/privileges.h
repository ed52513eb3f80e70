/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks that this process has the privileges that a load needs. */
#ifndef HB_LOADER_PRIVILEGES_H
#define HB_LOADER_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "bpf/lib/log.h"

/** privileges_have - whether this process has capability @number, in its user namespace */
bool privileges_have(unsigned int number);

/** privileges_check_root - check that it is root. Returns like the next */
int privileges_check_root(struct reason *why);

/**
 * privileges_check - check that it is root, on the host, with what bpf(2) requires
 * Returns 0; or -EPERM with the reason in @why, or logged if that is NULL.
 */
int privileges_check(struct reason *why);

/** privileges_check_group - check that it can give what is, or will be, at @path to group @gid */
int privileges_check_group(gid_t gid, const char *path, struct reason *why);

#endif
