// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/pidns.h"
#include "bpf/lib/units.h"
#include "reader/activity/activity.h"
#include "reader/commands/ask.h"
#include "reader/commands/explain.h"
#include "reader/text/text.h"

/* After this long most workspaces are stopped. */
enum { IDLE_EXAMPLE_S = 1800 };

static const struct hb_process *find_record(const struct snapshot *snapshot, uint32_t pid)
{
	for (size_t i = 0; i < snapshot->process_count; i++) {
		if (snapshot->processes[i].pid == pid)
			return &snapshot->processes[i].record;
	}
	return NULL;
}

static bool is_listed(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->program_count; i++) {
		/* A program that was taken off the list stays in the map for a while. */
		if (strcmp(snapshot->programs[i].name, name) == 0)
			return snapshot->programs[i].listed;
	}
	return false;
}

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

/* Whether it is on the list, under which name, and what that led to. */
static void say_verdict(const struct snapshot *snapshot, const struct process *process,
			const struct hb_process *record, FILE *stream)
{
	uint64_t refused = snapshot->stats[HB_STAT_REFUSED_PROCESSES];
	char comm[HB_COMM_LEN];
	char judged[HB_COMM_LEN];

	text_printable(comm, sizeof(comm), process->comm, sizeof(process->comm));
	if (record) {
		text_printable(judged, sizeof(judged), record->command, sizeof(record->command));
		if (is_listed(snapshot, record->command))
			say(stream, "Its command name, %s, is on the list of watched programs.",
			    judged);
		else
			say(stream, "Every program that reads a key is watched (*), and %s has.",
			    judged);
		return;
	}
	if (is_listed(snapshot, HB_ANY_PROGRAM)) {
		say(stream, "Every program is watched (*) from its first key on.");
		return;
	}
	if (!is_listed(snapshot, process->comm)) {
		say(stream, "Its command name, %s, is not on the list of watched programs.", comm);
		say(stream,
		    "To watch it, run hb-load --programs +%s as root; or add the name to %s and run hb-load again.",
		    comm, HB_PROGRAMS_ETC);
		return;
	}
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
static void say_hook(const struct snapshot *snapshot, const struct process *process, FILE *stream)
{
	const struct hb_meta *meta = &snapshot->meta;
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
	    process->terminals[0].descriptor != 0)
		say(stream,
		    "Its keys come through descriptor %d: they are activity, but no heartbeats by this rule: run hb-load --rule any as root.",
		    process->terminals[0].descriptor);
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

static void say_idle(const struct snapshot *snapshot, uint32_t pid, const char *blind, FILE *stream)
{
	static const char *const because[] = {
		[ACTIVITY_SINCE_LOAD] = "the last change of what is watched",
		[ACTIVITY_SINCE_BIRTH] = "its start",
		[ACTIVITY_SINCE_OPENED] = "the start of its program at a terminal",
		[ACTIVITY_SINCE_KEY] = "its last key",
	};
	struct activity_query query = {.by = ACTIVITY_PID, .pid = pid, .blind = blind};
	struct activity_answer answer;
	char doubt[ACTIVITY_DOUBT_LEN];
	char time[TEXT_TIME_LEN];
	uint64_t then;

	if (activity_find(snapshot, &query, &answer) < 0 || answer.doubt[0] != '\0') {
		text_printable(doubt, sizeof(doubt), answer.doubt, sizeof(answer.doubt));
		say(stream, "It is unknown whether it is idle: %s.", doubt);
		return;
	}
	then = answer.activity.since + IDLE_EXAMPLE_S * NS_PER_S;
	text_time(time, then + snapshot->offset_ns);
	say(stream, "Its idle time counts from %s: `hb-read idle %d --pid %" PRIu32 "` %s %s.",
	    because[answer.activity.because], IDLE_EXAMPLE_S, pid,
	    snapshot->taken_at >= then ? "reports idle since" : "will report idle from", time);
}

void explain_print(const struct snapshot *snapshot, const struct process *process,
		   const char *blind, FILE *stream)
{
	const struct hb_process *record = find_record(snapshot, process->pid);
	char program[PROCESS_PATH_LEN];
	char comm[HB_COMM_LEN];

	text_printable(comm, sizeof(comm), process->comm, sizeof(process->comm));
	fprintf(stream, "%s (pid %" PRIu32 ") %s.\n", comm, process->pid,
		record ? "counts" : "does not count");
	if (process->is_kernel_thread) {
		say(stream, "It is a kernel thread, which never calls read(2).");
		return;
	}
	text_printable(program, sizeof(program), process->exe, sizeof(process->exe));
	if (program[0] != '\0')
		say(stream, "It runs %s.", program);
	say_verdict(snapshot, process, record, stream);
	say_terminals(process, stream);
	say_hook(snapshot, process, stream);
	if (blind)
		say(stream, "Nothing is seen at the moment: %s.", blind);
	if (record) {
		say_beats(snapshot, record, stream);
		say_idle(snapshot, process->pid, blind, stream);
	}
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
	return log_error(-ESRCH, "explain: no process is called %s; the name is %son the list",
			 name, is_listed(snapshot, cut) ? "" : "not ");
}

/* What is explained. */
struct explanation {
	const struct snapshot *snapshot;
	const char *blind;
	size_t count;
	struct process *processes;
};

static int write_all(FILE *stream, const void *data)
{
	const struct explanation *explanation = data;

	for (size_t i = 0; i < explanation->count; i++) {
		if (i > 0)
			fputc('\n', stream);
		explain_print(explanation->snapshot, &explanation->processes[i], explanation->blind,
			      stream);
	}
	return 0;
}

static int answer(const struct read_options *options, const struct report *report,
		  const char *blind)
{
	struct explanation explanation = {.snapshot = &report->snapshot, .blind = blind};
	const char *name = options->explain;
	int r;

	if (!pidns_is_initial())
		return log_error(
			-ESRCH,
			"explain: this pid namespace does not show the host's processes: run it on the host");
	r = process_find(name, &explanation.processes, &explanation.count);
	if (r == 0)
		r = process_find_hidden(name, explanation.snapshot, &explanation.processes,
					&explanation.count);
	if (r < 0)
		log_errno(r, "explain");
	else if (explanation.count == 0)
		r = log_none(explanation.snapshot, name);
	else
		r = text_print("explain", write_all, &explanation);
	free(explanation.processes);
	return r;
}

int explain_run(const struct read_options *options)
{
	return ask(options, answer);
}
