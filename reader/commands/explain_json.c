// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "bpf/lib/parse.h"
#include "reader/activity/activity_json.h"
#include "reader/commands/explain.h"
#include "reader/text/json_writer.h"

static void write_terminals(struct json *json, const struct process *process)
{
	if (process->descriptors_known < 0) {
		json_null(json, "terminals");
		return;
	}
	json_begin_array(json, "terminals");
	for (size_t i = 0; i < process->terminal_count; i++) {
		json_begin_object(json, NULL);
		json_number(json, "descriptor", (uint64_t)process->terminals[i].descriptor);
		json_string(json, "tty", process->terminals[i].name, PROCESS_TERMINAL_LEN);
		json_end_object(json);
	}
	json_end_array(json);
}

/* Of a process that does not count, nothing is known. */
static void write_record(struct json *json, const struct snapshot *snapshot,
			 const struct hb_process *record)
{
	if (record)
		json_number(json, "beats", record->beats);
	else
		json_null(json, "beats");
	json_time(json, "last_beat", snapshot_unix(snapshot, record ? record->last_beat : 0));
	json_time(json, "last_key", snapshot_unix(snapshot, record ? record->last_key : 0));
}

static void write_idle(struct json *json, const struct explanation *explanation,
		       const struct process *process, bool counts)
{
	const struct snapshot *snapshot = explanation->snapshot;
	struct activity_answer answer = {0};
	uint64_t since;

	if (counts)
		explain_find_activity(explanation, process->pid, &answer);
	else if (explanation->blind)
		snprintf(answer.doubt, sizeof(answer.doubt), "%s", explanation->blind);
	since = answer.missing ? 0 : answer.activity.since;
	json_time(json, "since", snapshot_unix(snapshot, since));
	json_text(json, "because", since ? activity_because(answer.activity.because) : NULL,
		  SIZE_MAX);
	if (since && answer.doubt[0] == '\0')
		json_seconds(json, "idle_seconds", snapshot_age(snapshot, since), 3);
	else
		json_null(json, "idle_seconds");
	json_text(json, "doubt", answer.doubt, sizeof(answer.doubt));
}

static void write_object(FILE *stream, const struct explanation *explanation,
			 const struct process *process)
{
	static const char *const reasons[] = {
		[EXPLAIN_LISTED] = "listed",
		[EXPLAIN_ANY] = "any",
		[EXPLAIN_KERNEL_THREAD] = "kernel_thread",
		[EXPLAIN_NO_KEY] = "no_key",
		[EXPLAIN_NOT_LISTED] = "not_listed",
		[EXPLAIN_NO_RECORD] = "no_record",
		[EXPLAIN_BUSY] = "busy",
	};
	static const char *const works[] = {
		[EXPLAIN_WORKS] = "counts",
		[EXPLAIN_WORK_OVER] = "over",
		[EXPLAIN_WORK_STOPPED] = "stopped",
	};
	const struct snapshot *snapshot = explanation->snapshot;
	struct explain_verdict verdict = explain_judge(snapshot, process);
	struct json json = {.stream = stream};

	json_begin_document(&json, "explanation");
	json_number(&json, "pid", process->pid);
	json_name(&json, "program", process->comm);
	json_text(&json, "executable", process->exe, sizeof(process->exe));
	json_bool(&json, "counts", verdict.counts);
	json_string(&json, "why", reasons[verdict.reason], SIZE_MAX);
	if (verdict.work != EXPLAIN_NO_WORK)
		json_string(&json, "work", works[verdict.work], SIZE_MAX);
	write_terminals(&json, process);
	json_text(&json, "stdin", process->input, sizeof(process->input));
	json_bool(&json, "is_32bit", process->is_32bit);
	json_string(&json, "hook", method_name(snapshot->meta.hook), SIZE_MAX);
	json_string(&json, "rule", rule_name(snapshot->meta.rule), SIZE_MAX);
	write_record(&json, snapshot, verdict.record);
	write_idle(&json, explanation, process, verdict.counts);
	json_end_document(&json);
}

int explain_write_json(FILE *stream, const void *data)
{
	const struct explanation *explanation = data;

	for (size_t i = 0; i < explanation->count; i++)
		write_object(stream, explanation, &explanation->processes[i]);
	return 0;
}
