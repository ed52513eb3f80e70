/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds the busy programs that run, such as make, and the times that what they count for depends on.
 *
 * The kernel walks over all processes for this, so it is done only if there are names on the list. The
 * workspace of a process is what home_find() finds. What is born inside a workspace does not make it
 * count anew.
 */
#ifndef HB_READER_MAPS_BUSY_H
#define HB_READER_MAPS_BUSY_H

#include <stdbool.h>

#include "reader/maps/snapshot_sum.h"

/**
 * busy_read - add the list of busy programs, from the map @fd, and their processes to @snapshot
 *
 * Call it before the records of cgroups are read, which then have the cgroup of each process. If the
 * processes cannot be seen, snapshot->busy_unknown says why. Returns 0 or -errno, not logged.
 */
int busy_read(const char *pin_dir, int fd, struct snapshot *snapshot);

/**
 * busy_place - find the times in struct snapshot_busy; call it after snapshot_sum()
 * Returns 0 or -ENOMEM.
 */
int busy_place(struct snapshot *snapshot);

/** busy_is_listed - whether @name is on the list of busy programs */
bool busy_is_listed(const struct snapshot *snapshot, const char *name);

#endif
