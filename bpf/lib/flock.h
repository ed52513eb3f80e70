/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the process that holds a flock(2) lock. */
#ifndef HB_FLOCK_H
#define HB_FLOCK_H

#include <stdint.h>
#include <sys/stat.h>

/**
 * flock_holder - the process that holds the lock on the file or directory @st
 * Returns 0, or -ENOENT: nobody, or a process that this pid namespace does not show.
 */
int flock_holder(const struct stat *st, uint32_t *pid);

#endif
