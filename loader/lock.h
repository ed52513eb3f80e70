/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Let only one hb-load run at a time. */
#ifndef HB_LOADER_LOCK_H
#define HB_LOADER_LOCK_H

/**
 * lock_take - wait for other runs of hb-load to end
 *
 * Locks a file that only root can open: anybody could hold a lock on the bpf file system for ever.
 * Returns a descriptor, which holds the lock until it is closed; or -errno, logged.
 */
int lock_take(void);

#endif
