// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "reader/activity/busy_work.h"
#include "reader/activity/doubt.h"
#include "reader/text/text.h"

void doubt_add(struct activity_answer *answer, uint64_t until, const char *format, ...)
{
	va_list args;

	/* The doubt that lasts longest is the one to report. */
	if (answer->doubt_until >= until)
		return;
	answer->doubt_until = until;
	va_start(args, format);
	vsnprintf(answer->doubt, sizeof(answer->doubt), format, args);
	va_end(args);
}

static const char ended_unseen[] =
	"a program ended unseen, and its control group was gone before it was found";

void doubt_records(const struct snapshot *snapshot, const struct activity_query *query,
		   struct activity_answer *answer)
{
	uint64_t unplaced = snapshot->stats[HB_STAT_UNPLACED_AT];

	if (query->blind)
		doubt_add(answer, UINT64_MAX, "%s", query->blind);
	if (!snapshot->complete)
		doubt_add(answer, UINT64_MAX,
			  "the maps change faster than they can be read: try again");
	if (snapshot->busy_unknown)
		doubt_add(answer, UINT64_MAX, "%s", snapshot->busy_unknown);
	if (query->by != ACTIVITY_NODE && query->by != ACTIVITY_PID)
		doubt_add(answer, unplaced, "%s", ended_unseen);
}

bool doubt_is_unseen(const struct snapshot *snapshot, const struct snapshot_process *process)
{
	return process->record.flags & HB_PROCESS_32BIT &&
	       snapshot->meta.hook == HB_METHOD_TRACEPOINT;
}

void doubt_process(const struct snapshot *snapshot, const struct snapshot_process *process,
		   struct activity_answer *answer)
{
	char program[HB_COMM_LEN];

	if (!doubt_is_unseen(snapshot, process))
		return;
	text_printable(program, sizeof(program), process->record.command, sizeof(program));
	if (process->pid)
		doubt_add(answer, UINT64_MAX,
			  "a 32-bit program runs, %s (pid %" PRIu32
			  "), and hook tracepoint cannot see its reads",
			  program, process->pid);
	else
		doubt_add(answer, UINT64_MAX,
			  "a 32-bit program runs, and hook tracepoint cannot see its reads");
}

void doubt_work(const struct snapshot *snapshot, const struct snapshot_busy *busy, uint64_t since,
		struct activity_answer *answer)
{
	uint64_t unplaced = snapshot->stats[HB_STAT_UNPLACED_AT];
	uint64_t until = busy_work_until(snapshot, busy, unplaced);

	if (until > busy_work_until(snapshot, busy, since))
		doubt_add(answer, until, "%s", ended_unseen);
}

uint64_t doubt_until(const struct snapshot *snapshot, const char *blind)
{
	const struct activity_query any_cgroup = {.by = ACTIVITY_CGROUP, .blind = blind};
	struct activity_answer answer = {0};

	doubt_records(snapshot, &any_cgroup, &answer);
	for (size_t i = 0; i < snapshot->busy_count; i++)
		doubt_work(snapshot, &snapshot->busy[i], snapshot->busy[i].group_since, &answer);
	return answer.doubt_until;
}
