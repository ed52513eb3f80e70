// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "bpf/lib/units.h"
#include "reader/activity/busy_work.h"

uint64_t busy_work_until(const struct snapshot *snapshot, const struct snapshot_busy *busy,
			 uint64_t since)
{
	uint64_t from = since > busy->workspace_since ? since : busy->workspace_since;

	return from + snapshot->meta.busy_for * NS_PER_S;
}

bool busy_work_counts(const struct snapshot *snapshot, const struct snapshot_busy *busy)
{
	return snapshot->taken_at < busy_work_until(snapshot, busy, busy->group_since);
}

void busy_work_take_in(const struct snapshot *snapshot, const struct snapshot_busy *busy,
		       uint64_t since, struct activity *activity)
{
	uint64_t until = busy_work_until(snapshot, busy, since);
	const struct hb_busy *record = &busy->record;

	if (until <= snapshot->taken_at)
		return;
	/* Of several the one that counts longest, and of these the one that has worked longest. */
	if (activity->because == ACTIVITY_SINCE_BUSY &&
	    (until < activity->until ||
	     (until == activity->until && record->start >= activity->start)))
		return;
	activity->since = snapshot->taken_at;
	activity->because = ACTIVITY_SINCE_BUSY;
	activity->pid = record->pid;
	memcpy(activity->program, record->command, sizeof(activity->program));
	activity->cgroup_id = record->cgroup_id;
	activity->start = record->start;
	activity->until = until;
}
