/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Let only one hb-load run at a time. */
#ifndef HB_LOADER_LOCK_H
#define HB_LOADER_LOCK_H

#include "bpf/lib/log.h"

/**
 * lock_check - check that lock_take() will work; it waits for nothing, and creates no file
 * Returns 0; or -errno with the reason in @why, or logged if that is NULL.
 */
int lock_check(struct reason *why);

/**
 * lock_take - wait for other runs of hb-load to end
 *
 * Locks a file that only root can open: anybody could hold a lock on the bpf file system for ever.
 * Returns a descriptor, which holds the lock until it is closed; or -errno, logged.
 */
int lock_take(void);

#endif
