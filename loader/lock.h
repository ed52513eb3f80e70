/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One hb-load at a time. */
#ifndef HB_LOADER_LOCK_H
#define HB_LOADER_LOCK_H

/**
 * lock_take - wait for other runs of hb-load to end
 *
 * The lock is a file that root alone can open: on the bpf file system itself anybody could hold one
 * for ever. Returns a descriptor, whose closing gives up the lock, or -errno, logged.
 */
int lock_take(void);

#endif
