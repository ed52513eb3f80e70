// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "reader/commands/explain.h"

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

struct explain_verdict explain_judge(const struct snapshot *snapshot, const struct process *process)
{
	struct explain_verdict verdict = {.record = find_record(snapshot, process->pid)};

	if (process->is_kernel_thread)
		verdict.reason = EXPLAIN_KERNEL_THREAD;
	else if (verdict.record)
		verdict.reason = explain_is_listed(snapshot, verdict.record->command)
					 ? EXPLAIN_LISTED
					 : EXPLAIN_ANY;
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
