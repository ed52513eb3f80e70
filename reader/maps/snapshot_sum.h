/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The records of a snapshot: collected from the maps, sorted, and added up. The maps of programs
 * and cgroups have what ended processes left; a snapshot tells the present totals.
 */
#ifndef HB_READER_SNAPSHOT_SUM_H
#define HB_READER_SNAPSHOT_SUM_H

#include "reader/maps/snapshot.h"

/*
 * Visitors for map_read(), each with a snapshot as data: they append a record. They return 0 or
 * -ENOMEM.
 */
int snapshot_add_process(void *snapshot, const void *pid, const void *record);
int snapshot_add_cgroup(void *snapshot, const void *id, const void *record);
int snapshot_add_program(void *snapshot, const void *name, const void *record);

/**
 * snapshot_sum - sort the records, and add those of the living processes to their programs and
 *		 cgroups
 *
 * A process whose program is not there (off the list by now, and about to be judged anew) adds it:
 * its beats count all the same. Returns 0 or -ENOMEM.
 */
int snapshot_sum(struct snapshot *snapshot);

#endif
