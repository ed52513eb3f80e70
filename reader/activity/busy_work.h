/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Decides whether a busy program keeps its workspace from being idle.
 *
 * It does for hb_meta.busy_for from the time that idle time would count from without it: of what the
 * question is about, or of the program's workspace, whichever is later. So it ends, whatever runs.
 */
#ifndef HB_READER_BUSY_WORK_H
#define HB_READER_BUSY_WORK_H

#include "reader/activity/activity.h"

/**
 * busy_work_until - boot time until which @busy counts
 * @since: idle time of what the question is about counts from here, without busy programs
 */
uint64_t busy_work_until(const struct snapshot *snapshot, const struct snapshot_busy *busy,
			 uint64_t since);

/** busy_work_counts - whether @busy keeps its own control group and workspace from being idle */
bool busy_work_counts(const struct snapshot *snapshot, const struct snapshot_busy *busy);

/**
 * busy_work_take_in - let @activity be that of @busy if it counts, and longer than one before
 * @since: as above
 */
void busy_work_take_in(const struct snapshot *snapshot, const struct snapshot_busy *busy,
		       uint64_t since, struct activity *activity);

#endif
