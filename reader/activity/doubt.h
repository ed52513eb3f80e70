/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Says why an answer about activity may be wrong, and for how long: then it is never "idle". */
#ifndef HB_READER_DOUBT_H
#define HB_READER_DOUBT_H

#include <stdbool.h>
#include <stdint.h>

#include "reader/activity/activity.h"

/** doubt_add - what came until boot time @until may be unknown, because of a clause. The longest remains */
void doubt_add(struct activity_answer *answer, uint64_t until, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** doubt_records - add what casts doubt on all records */
void doubt_records(const struct snapshot *snapshot, const struct activity_query *query,
		   struct activity_answer *answer);

/** doubt_is_unseen - whether the hook cannot see the reads of @process: it may be in use */
bool doubt_is_unseen(const struct snapshot *snapshot, const struct snapshot_process *process);

/** doubt_process - add that @process may be in use at any time, if the hook cannot see it */
void doubt_process(const struct snapshot *snapshot, const struct snapshot_process *process,
		   struct activity_answer *answer);

/**
 * doubt_work - add for how long @busy may count beyond busy_work_until() of @since
 *
 * The last key in its workspace may be one that nobody can place.
 */
void doubt_work(const struct snapshot *snapshot, const struct snapshot_busy *busy, uint64_t since,
		struct activity_answer *answer);

/**
 * doubt_until - boot time up to which activity in any control group may be unknown
 * @blind: the result of probe_run()
 *
 * Returns 0: none is; UINT64_MAX: it still is. Does not know of doubt_is_unseen().
 */
uint64_t doubt_until(const struct snapshot *snapshot, const char *blind);

#endif
