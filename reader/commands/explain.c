// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/lib/log.h"
#include "bpf/lib/pidns.h"
#include "bpf/lib/parse.h"
#include "reader/activity/activity.h"
#include "reader/commands/explain.h"
#include "reader/maps/probe.h"
#include "reader/text/text.h"

/* What most workspaces are given before they are stopped. */
enum { IDLE_EXAMPLE_S = 1800 };

static const uint64_t ns_per_s = 1000000000;

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
		/* The list itself, and not only what is left of an earlier one. */
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
	text_age(age, snapshot->taken_at > boot_ns ? snapshot->taken_at - boot_ns : 0);
	say(stream, "%s: %s ago, at %s.", what, age, time);
}

/* Listed or not, under which name, and what became of that. */
static void say_verdict(const struct snapshot *snapshot, const struct process *process,
			const struct hb_process *record, FILE *stream)
{
	uint64_t refused = snapshot->stats[HB_STAT_REFUSED_PROCESSES];
	char comm[HB_COMM_LEN];
	char judged[HB_COMM_LEN];

	text_printable(comm, sizeof(comm), process->comm, sizeof(process->comm));
	if (record) {
		text_printable(judged, sizeof(judged), record->command, sizeof(record->command));
		say(stream,
		    "Its command name, as the kernel has it, was %s when it was judged: that is on the list.",
		    judged);
		if (strcmp(judged, comm) != 0)
			say(stream, "It calls itself %s by now, which changes nothing.", comm);
		return;
	}
	if (!is_listed(snapshot, process->comm)) {
		say(stream,
		    "Its command name, as the kernel has it, is %s: that is not on the list.",
		    comm);
		say(stream,
		    "If it should count, as root: hb-load --programs +%s; or add the name to %s and run hb-load.",
		    comm, HB_PROGRAMS_ETC);
		return;
	}
	say(stream, "Its command name, %s, is on the list, but it has no record.", comm);
	if (refused > 0)
		say(stream,
		    "%" PRIu64
		    " records had no room in the map of processes: its reads of descriptor 0 may be seen all the same.",
		    refused);
	else
		say(stream,
		    "It was judged under another name, at its start or first read; it is judged anew when it next reads descriptor 0.");
}

/* `descriptors 0, 1 and 2 are pts/3` */
static void say_terminals(const struct process *process, FILE *stream)
{
	char input[PROCESS_PATH_LEN];

	if (process->descriptors_known < 0) {
		say(stream, "Its descriptors may not be seen: run this as its user, or as root.");
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
		say(stream, "Its descriptor 0 is %s, which is no terminal.", input);
	if (process->terminal_count == 0)
		say(stream,
		    "It has no terminal open: what is typed does not reach it through one, as with a graphical editor.");
}

/* Which hook watches, what is a beat to it, and what it cannot see. */
static void say_hook(const struct snapshot *snapshot, const struct process *process, FILE *stream)
{
	const struct hb_meta *meta = &snapshot->meta;
	const char *beat;

	if (meta->rule == HB_RULE_STDIN)
		beat = "each read of descriptor 0";
	else if (meta->rule == HB_RULE_KEYS)
		beat = "each read of a terminal that brings at least one key";
	else if (meta->hook == HB_METHOD_FENTRY)
		beat = "each read of descriptor 0, and each key from a terminal on another";
	else
		beat = "each read of descriptor 0, or of a terminal on another, with a key or without";
	say(stream, "The hook is %s, the rule %s: a beat is %s.", method_name(meta->hook),
	    rule_name(meta->rule), beat);
	if (meta->hook == HB_METHOD_TRACEPOINT && process->is_32bit)
		say(stream, "It is a 32-bit program, and this hook sees none of those.");
	if (meta->rule == HB_RULE_STDIN && process->terminal_count > 0 &&
	    process->terminals[0].descriptor != 0)
		say(stream,
		    "Keys come through descriptor %d, which this rule does not see: as root, hb-load --rule any.",
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
	if (!(snapshot->meta.flags & HB_META_KEYS))
		say(stream, "Keys are not told from other reads here.");
	else if (record->last_key)
		say_time(snapshot, "Last key", record->last_key, stream);
	else
		say(stream, "No key was seen yet.");
}

static void say_idle(const struct snapshot *snapshot, uint32_t pid, const char *blind, FILE *stream)
{
	static const char *const because[] = {
		[ACTIVITY_SINCE_LOAD] = "when hb-load ran",
		[ACTIVITY_SINCE_START] = "when it started",
		[ACTIVITY_SINCE_READ] = "its last read",
		[ACTIVITY_SINCE_KEY] = "its last key",
	};
	const struct activity_query query = {.by = ACTIVITY_PID, .pid = pid, .blind = blind};
	struct activity_answer answer;
	char doubt[ACTIVITY_DOUBT_LEN];
	char time[TEXT_TIME_LEN];
	uint64_t then;

	if (activity_find(snapshot, &query, NULL, &answer) < 0 || answer.doubt[0] != '\0') {
		text_printable(doubt, sizeof(doubt), answer.doubt, sizeof(answer.doubt));
		say(stream, "Whether it is idle is not known: %s.", doubt);
		return;
	}
	then = answer.activity.since + IDLE_EXAMPLE_S * ns_per_s;
	text_time(time, then + snapshot->offset_ns);
	say(stream, "Its idle time counts from %s: `hb-read idle %d --pid %" PRIu32 "` %s %s.",
	    because[answer.activity.because], IDLE_EXAMPLE_S, pid,
	    snapshot->taken_at >= then ? "says idle since" : "will say idle from", time);
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
		say(stream, "It is a thread of the kernel, which reads nothing by read(2).");
		return;
	}
	text_printable(program, sizeof(program), process->exe, sizeof(process->exe));
	if (program[0] != '\0')
		say(stream, "It runs %s.", program);
	say_verdict(snapshot, process, record, stream);
	say_terminals(process, stream);
	say_hook(snapshot, process, stream);
	if (blind)
		say(stream, "At present nothing is seen: %s.", blind);
	if (record) {
		say_beats(snapshot, record, stream);
		say_idle(snapshot, process->pid, blind, stream);
	}
}

static int log_none(const struct snapshot *snapshot, const char *name)
{
	char cut[HB_COMM_LEN];
	uint64_t pid;

	if (parse_u64(name, 1, INT32_MAX, &pid) == 0)
		return log_error(-ESRCH, "explain: there is no process %s that can be seen", name);
	snprintf(cut, sizeof(cut), "%s", name);
	return log_error(-ESRCH, "explain: no process is called %s; the name is %son the list",
			 name, is_listed(snapshot, cut) ? "" : "not ");
}

static int print_all(const struct snapshot *snapshot, const char *blind, const char *name,
		     FILE *stream)
{
	uint32_t *pids = NULL;
	struct process process;
	size_t explained = 0;
	size_t count = 1;
	uint64_t pid;
	int r;

	if (parse_u64(name, 1, INT32_MAX, &pid) < 0) {
		r = process_find(name, &pids, &count);
		if (r < 0)
			return log_errno(r, "explain");
	}
	for (size_t i = 0; i < count; i++) {
		if (process_read(pids ? pids[i] : (uint32_t)pid, &process) < 0)
			continue;
		if (explained++ > 0)
			fputc('\n', stream);
		explain_print(snapshot, &process, blind, stream);
	}
	free(pids);
	return explained > 0 ? 0 : log_none(snapshot, name);
}

static int explain(const struct read_options *options, struct snapshot_source *source,
		   const char *blind)
{
	struct snapshot snapshot = {0};
	size_t length = 0;
	char *text = NULL;
	FILE *stream;
	int r;

	r = snapshot_take(source, &snapshot);
	if (r < 0)
		goto end;
	stream = open_memstream(&text, &length);
	if (!stream) {
		r = log_errno(-errno, "explain");
		goto end;
	}
	r = print_all(&snapshot, blind, options->explain, stream);
	if (fclose(stream) != 0)
		r = log_errno(-ENOMEM, "explain");
	else if (r == 0)
		r = text_write(text, length);
end:
	free(text);
	snapshot_release(&snapshot);
	return r == -EPIPE ? 0 : r;
}

int explain_run(const struct read_options *options)
{
	struct snapshot_source *source = NULL;
	struct probe *probe = NULL;
	int r;

	r = snapshot_open(options->pin_dir, &source);
	if (r < 0)
		return r;
	if (!pidns_is_initial()) {
		snapshot_close(source);
		return log_error(
			-ESRCH,
			"explain: this pid namespace does not show the host's processes: run it on the host");
	}
	r = probe_new(&probe);
	if (r == 0)
		r = explain(options, source, probe_run(probe, source));
	probe_free(probe);
	snapshot_close(source);
	return r;
}
