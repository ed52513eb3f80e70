// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/lib/capabilities.h"
#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/pidns.h"
#include "bpf/lib/units.h"
#include "reader/commands/ask.h"
#include "reader/commands/explain.h"
#include "reader/maps/busy.h"
#include "reader/text/text.h"

/* After this long most workspaces are stopped. */
static const uint64_t idle_example = 30 * 60 * NS_PER_S;

__attribute__((format(printf, 2, 3))) static void say(FILE *stream, const char *format, ...)
{
	va_list args;

	fputs("  ", stream);
	va_start(args, format);
	vfprintf(stream, format, args);
	va_end(args);
	fputc('\n', stream);
}

static void say_time(const struct snapshot *snapshot, const char *what, uint64_t boot_ns,
		     FILE *stream)
{
	char time[TEXT_TIME_LEN];
	char age[TEXT_AGE_LEN];

	text_time(time, boot_ns + snapshot->offset_ns);
	text_age(age, snapshot_age(snapshot, boot_ns));
	say(stream, "%s: %s ago, at %s.", what, age, time);
}

static void say_no_record(const struct snapshot *snapshot, const char *comm, FILE *stream)
{
	uint64_t refused = snapshot->stats[HB_STAT_REFUSED_PROCESSES];

	say(stream,
	    "Its command name, %s, is on the list of watched programs, but it has no record.",
	    comm);
	if (refused > 0)
		say(stream,
		    "The map of processes was full %" PRIu64
		    " times: its keys count for its control group, and it gets a record when there is room.",
		    refused);
	else
		say(stream, "The next collection of a running hb-read gives it one.");
}

/* Whether it is on the list, under which name, and what that led to. */
static void say_verdict(const struct explanation *explanation, const struct process *process,
			struct explain_verdict verdict, FILE *stream)
{
	char name[HB_COMM_LEN];

	text_printable(name, sizeof(name), verdict.record ? verdict.record->command : process->comm,
		       sizeof(name));
	switch (verdict.reason) {
	case EXPLAIN_LISTED:
		say(stream, "Its command name, %s, is on the list of watched programs.", name);
		break;
	case EXPLAIN_ANY:
		say(stream, "Every program that reads a key is watched (*), and %s has.", name);
		break;
	case EXPLAIN_KERNEL_THREAD:
		say(stream, "It is a kernel thread, which never calls read(2).");
		break;
	case EXPLAIN_NO_KEY:
		say(stream, "Every program is watched (*) from its first key on.");
		break;
	case EXPLAIN_NOT_LISTED:
		say(stream, "Its command name, %s, is not on the list of watched programs.", name);
		explain_advise_name(stream, explanation, "  ", process->comm);
		break;
	case EXPLAIN_NO_RECORD:
		say_no_record(explanation->snapshot, name, stream);
		break;
	case EXPLAIN_BUSY:
		break;
	}
}

/* What the work of a busy program does. */
static void say_work(const struct snapshot *snapshot, const struct process *process,
		     struct explain_verdict verdict, FILE *stream)
{
	char busy_for[DURATION_LEN];
	char left[DURATION_LEN];
	char name[HB_COMM_LEN];

	if (verdict.work == EXPLAIN_NO_WORK)
		return;
	text_printable(name, sizeof(name), process->comm, sizeof(process->comm));
	say(stream, "Its command name, %s, is on the list of busy programs.", name);
	explain_busy_for(busy_for, snapshot);
	switch (verdict.work) {
	case EXPLAIN_WORKS:
		duration_text(left, verdict.works_until - snapshot->taken_at);
		say(stream, "While it runs, its workspace is not idle, for another %s.", left);
		break;
	case EXPLAIN_WORK_OVER:
		say(stream,
		    "Its work does not count any more: in its workspace, nothing else happened for %s.",
		    busy_for);
		break;
	default:
		say(stream, "Its work does not count at the moment: %s.",
		    snapshot->busy_unknown ? snapshot->busy_unknown : "it is stopped");
		break;
	}
}

/* `descriptor 0 is terminal pts/3` */
static void say_terminals(const struct process *process, FILE *stream)
{
	char input[PROCESS_PATH_LEN];

	if (process->descriptors_known < 0) {
		say(stream, "You may not see its descriptors: run this as its user or as root.");
		return;
	}
	for (size_t i = 0; i < process->terminal_count; i++) {
		const struct process_terminal *terminal = &process->terminals[i];
		char name[sizeof(terminal->name)];

		text_printable(name, sizeof(name), terminal->name, sizeof(terminal->name));
		say(stream, "Its descriptor %d is terminal %s.", terminal->descriptor, name);
	}
	if (process->terminal_count > 0 && process->terminals[0].descriptor == 0)
		return;
	text_printable(input, sizeof(input), process->input, sizeof(process->input));
	if (input[0] == '\0')
		say(stream, "Its descriptor 0 is closed.");
	else
		say(stream, "Its descriptor 0 is %s, which is not a terminal.", input);
	if (process->terminal_count == 0)
		say(stream,
		    "It has no terminal open, so it reads no keys from one; a graphical editor gets its keys elsewhere.");
}

/* Which hook watches, which reads are heartbeats for it, and what it cannot see. */
static void say_hook(const struct explanation *explanation, const struct process *process,
		     FILE *stream)
{
	const struct hb_meta *meta = &explanation->snapshot->meta;
	const char *beat;

	if (meta->rule == HB_RULE_STDIN)
		beat = "each read of descriptor 0";
	else if (meta->rule == HB_RULE_KEYS)
		beat = "each read of a terminal that returns at least one key";
	else
		beat = "each read of descriptor 0, and each key from a terminal on another";
	say(stream, "The hook is %s, the rule %s: a beat is %s.", method_name(meta->hook),
	    rule_name(meta->rule), beat);
	if (meta->hook == HB_METHOD_TRACEPOINT && process->is_32bit)
		say(stream, "It is a 32-bit program, which this hook does not see.");
	if (meta->rule == HB_RULE_STDIN && process->terminal_count > 0 &&
	    process->terminals[0].descriptor != 0) {
		say(stream,
		    "Its keys come through descriptor %d: they are activity, but no heartbeats by this rule.",
		    process->terminals[0].descriptor);
		explain_advise_rule(stream, explanation, "  ");
	}
}

static void say_beats(const struct snapshot *snapshot, const struct hb_process *record,
		      FILE *stream)
{
	if (record->beats == 0)
		say(stream, "It has had no beat yet.");
	else
		say(stream, "It has had %llu beat%s.", record->beats,
		    record->beats == 1 ? "" : "s");
	if (record->last_beat)
		say_time(snapshot, "Last beat", record->last_beat, stream);
	if (record->last_key)
		say_time(snapshot, "Last key", record->last_key, stream);
	else
		say(stream, "It has read no key yet.");
}

static void say_idle(const struct explanation *explanation, uint32_t pid, FILE *stream)
{
	static const char *const because[] = {
		[ACTIVITY_SINCE_LOAD] = "the last change of what is watched",
		[ACTIVITY_SINCE_BIRTH] = "its start",
		[ACTIVITY_SINCE_OPENED] = "the start of its program at a terminal",
		[ACTIVITY_SINCE_KEY] = "its last key",
		[ACTIVITY_SINCE_BUSY] = "now, because it works",
	};
	const struct snapshot *snapshot = explanation->snapshot;
	struct activity_answer answer;
	char doubt[ACTIVITY_DOUBT_LEN];
	char time[TEXT_TIME_LEN];
	uint64_t then;

	explain_find_activity(explanation, pid, &answer);
	if (answer.doubt[0] != '\0') {
		text_printable(doubt, sizeof(doubt), answer.doubt, sizeof(answer.doubt));
		say(stream, "It is unknown whether it is idle: %s.", doubt);
		return;
	}
	then = answer.activity.since + idle_example;
	text_time(time, then + snapshot->offset_ns);
	say(stream, "Its idle time counts from %s: `hb-read idle 30m --pid %" PRIu32 "` %s %s.",
	    because[answer.activity.because], pid,
	    snapshot->taken_at >= then ? "reports idle since" : "will report idle from", time);
}

static void write_details(const struct explanation *explanation, const struct process *process,
			  FILE *stream)
{
	const struct snapshot *snapshot = explanation->snapshot;
	struct explain_verdict verdict = explain_judge(snapshot, process);
	char program[PROCESS_PATH_LEN];
	char comm[HB_COMM_LEN];

	text_printable(comm, sizeof(comm), process->comm, sizeof(process->comm));
	fprintf(stream, "%s (pid %" PRIu32 ") %s.\n", comm, process->pid,
		verdict.counts ? "counts" : "does not count");
	text_printable(program, sizeof(program), process->exe, sizeof(process->exe));
	if (program[0] != '\0')
		say(stream, "It runs %s.", program);
	say_verdict(explanation, process, verdict, stream);
	say_work(explanation->snapshot, process, verdict, stream);
	if (verdict.reason == EXPLAIN_KERNEL_THREAD || verdict.reason == EXPLAIN_BUSY)
		return;
	say_terminals(process, stream);
	say_hook(explanation, process, stream);
	if (explanation->blind)
		say(stream, "Nothing is seen at the moment: %s.", explanation->blind);
	if (verdict.record) {
		say_beats(snapshot, verdict.record, stream);
		say_idle(explanation, process->pid, stream);
	}
}

int explain_write_details(FILE *stream, const void *data)
{
	const struct explanation *explanation = data;

	for (size_t i = 0; i < explanation->count; i++) {
		if (i > 0)
			fputc('\n', stream);
		write_details(explanation, &explanation->processes[i], stream);
	}
	return 0;
}

static int log_none(const struct snapshot *snapshot, const char *name)
{
	char cut[HB_COMM_LEN];
	uint64_t pid;

	if (process_proc_hides())
		return log_error(
			-ESRCH,
			"explain: %s: no process is watched by that name or pid, and /proc hides other processes from you: run this as root",
			name);
	if (parse_u64(name, 1, INT32_MAX, &pid) == 0)
		return log_error(-ESRCH, "explain: no process with pid %s can be seen", name);
	snprintf(cut, sizeof(cut), "%s", name);
	if (busy_is_listed(snapshot, cut))
		return log_error(
			-ESRCH,
			"explain: no process is called %s; the name is on the list of busy programs",
			name);
	return log_error(-ESRCH, "explain: no process is called %s; the name is %son the list",
			 name, explain_is_listed(snapshot, cut) ? "" : "not ");
}

/* Find the processes, and who asks by a name. */
static int find(const char *name, struct explanation *explanation)
{
	uint64_t pid;
	int r;

	if (parse_u64(name, 1, INT32_MAX, &pid) < 0)
		explanation->name = name;
	r = process_find(name, &explanation->processes, &explanation->count);
	if (r == 0)
		r = process_find_hidden(name, explanation->snapshot, &explanation->processes,
					&explanation->count);
	if (r < 0)
		return log_errno(r, "explain");
	return explanation->count == 0 ? log_none(explanation->snapshot, name) : 0;
}

static int answer(const struct read_options *options, const struct report *report,
		  const char *blind)
{
	struct explanation explanation = {
		.snapshot = &report->snapshot,
		.pin_dir = options->pin_dir,
		.blind = blind,
	};
	text_writer writer = explain_write_json;
	int r;

	if (!pidns_is_initial())
		return log_error(
			-ESRCH,
			"explain: this pid namespace does not show the host's processes: run it on the host");
	r = find(options->explain, &explanation);
	if (options->format == FORMAT_TEXT)
		writer = explanation.name ? explain_write_table : explain_write_details;
	if (r == 0)
		r = capabilities_keep(0);
	if (r == 0)
		r = text_print("explain", writer, &explanation);
	free(explanation.processes);
	return r;
}

int explain_run(const struct read_options *options)
{
	return ask(options, answer);
}
