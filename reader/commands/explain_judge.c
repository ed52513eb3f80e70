// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "bpf/lib/units.h"
#include "reader/activity/busy_work.h"
#include "reader/commands/explain.h"
#include "reader/maps/busy.h"

static const struct hb_process *find_record(const struct snapshot *snapshot, uint32_t pid)
{
	for (size_t i = 0; i < snapshot->process_count; i++) {
		if (snapshot->processes[i].pid == pid)
			return &snapshot->processes[i].record;
	}
	return NULL;
}

bool explain_is_listed(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->program_count; i++) {
		/* A program that was taken off the list stays in the map for a while. */
		if (strcmp(snapshot->programs[i].name, name) == 0)
			return snapshot->programs[i].listed;
	}
	return false;
}

const char *explain_busy_for(char text[DURATION_LEN], const struct snapshot *snapshot)
{
	duration_text(text, snapshot->meta.busy_for * NS_PER_S);
	return text;
}

static void judge_work(const struct snapshot *snapshot, const struct process *process,
		       struct explain_verdict *verdict)
{
	if (!busy_is_listed(snapshot, process->comm))
		return;
	verdict->work = EXPLAIN_WORK_STOPPED;
	for (size_t i = 0; i < snapshot->busy_count; i++) {
		const struct snapshot_busy *busy = &snapshot->busy[i];

		if (busy->record.pid != process->pid)
			continue;
		verdict->works_until = busy_work_until(snapshot, busy, busy->group_since);
		verdict->work =
			busy_work_counts(snapshot, busy) ? EXPLAIN_WORKS : EXPLAIN_WORK_OVER;
	}
}

struct explain_verdict explain_judge(const struct snapshot *snapshot, const struct process *process)
{
	struct explain_verdict verdict = {.record = find_record(snapshot, process->pid)};

	judge_work(snapshot, process, &verdict);
	verdict.counts = verdict.record || verdict.work == EXPLAIN_WORKS;
	if (process->is_kernel_thread)
		verdict.reason = EXPLAIN_KERNEL_THREAD;
	else if (verdict.record)
		verdict.reason = explain_is_listed(snapshot, verdict.record->command)
					 ? EXPLAIN_LISTED
					 : EXPLAIN_ANY;
	else if (verdict.work != EXPLAIN_NO_WORK && !explain_is_listed(snapshot, process->comm))
		verdict.reason = EXPLAIN_BUSY;
	else if (explain_is_listed(snapshot, HB_ANY_PROGRAM))
		verdict.reason = EXPLAIN_NO_KEY;
	else if (!explain_is_listed(snapshot, process->comm))
		verdict.reason = EXPLAIN_NOT_LISTED;
	else
		verdict.reason = EXPLAIN_NO_RECORD;
	return verdict;
}

void explain_find_activity(const struct explanation *explanation, uint32_t pid,
			   struct activity_answer *answer)
{
	struct activity_query query = {
		.by = ACTIVITY_PID,
		.pid = pid,
		.blind = explanation->blind,
	};

	activity_find(explanation->snapshot, &query, answer);
}
