/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Remembers how many beats each program and cgroup had in the last minutes, one point per interval. */
#ifndef HB_READER_HISTORY_H
#define HB_READER_HISTORY_H

#include "reader/maps/snapshot.h"

enum { HISTORY_POINTS = 40 };

struct history;

/** history_new - an empty one, or NULL: there is no memory */
struct history *history_new(void);

void history_free(struct history *history);

/**
 * history_add - append a point: the beats since the snapshot that was added last
 *
 * A program or cgroup that was missing then had no beats, except at the first snapshot: nobody knows
 * when those were. One that is missing in @snapshot is forgotten. Returns 0, or -ENOMEM: then nothing
 * has changed.
 */
int history_add(struct history *history, const struct snapshot *snapshot);

/** history_sum_program - add the points of program @name to @points, the oldest first */
void history_sum_program(const struct history *history, const char name[HB_COMM_LEN],
			 uint64_t points[HISTORY_POINTS]);

/** history_sum_cgroup - the same for cgroup @id */
void history_sum_cgroup(const struct history *history, uint64_t id,
			uint64_t points[HISTORY_POINTS]);

#endif
