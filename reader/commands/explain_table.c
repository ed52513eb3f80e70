// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <string.h>

#include "reader/commands/explain.h"
#include "reader/maps/busy.h"
#include "reader/text/table.h"
#include "reader/text/text.h"
#include "reader/text/tty.h"

enum { VERDICT_LEN = 100 };

static void name_terminal(char name[PROCESS_TERMINAL_LEN], const struct process *process,
			  const struct hb_process *record)
{
	char tty[TTY_NAME_LEN];

	strcpy(name, "-");
	if (process->terminal_count > 0)
		text_printable(name, PROCESS_TERMINAL_LEN, process->terminals[0].name,
			       PROCESS_TERMINAL_LEN);
	else if (record && tty_name(tty, record->tty) == 0)
		strcpy(name, tty);
	else if (process->descriptors_known < 0)
		strcpy(name, "?");
}

/* Whether @command is what the question was about, of which the kernel keeps 15 bytes. */
static bool is_asked_for(const struct explanation *explanation, const char *command)
{
	return strncmp(explanation->name, command, HB_COMM_LEN - 1) == 0;
}

static void describe_watched(char text[VERDICT_LEN], const struct explanation *explanation,
			     const struct hb_process *record)
{
	const struct snapshot *snapshot = explanation->snapshot;
	char age[TEXT_AGE_LEN];
	char as[HB_COMM_LEN + 4] = "";

	if (!is_asked_for(explanation, record->command)) {
		strcpy(as, " as ");
		text_printable(as + 4, HB_COMM_LEN, record->command, HB_COMM_LEN);
	}
	if (record->flags & HB_PROCESS_32BIT && snapshot->meta.hook == HB_METHOD_TRACEPOINT) {
		snprintf(text, VERDICT_LEN,
			 "counts%s, but hook tracepoint cannot see a 32-bit program", as);
	} else if (record->last_key == 0) {
		snprintf(text, VERDICT_LEN, "counts%s: no key yet", as);
	} else {
		text_age(age, snapshot_age(snapshot, record->last_key));
		snprintf(text, VERDICT_LEN, "counts%s: last key %s ago", as, age);
	}
}

static void describe(char text[VERDICT_LEN], const struct explanation *explanation,
		     const struct process *process, struct explain_verdict verdict)
{
	static const char *const reasons[] = {
		[EXPLAIN_KERNEL_THREAD] = "does not count: it is a kernel thread",
		[EXPLAIN_NO_KEY] = "does not count yet: it has read no key",
		[EXPLAIN_NOT_LISTED] = "does not count",
		[EXPLAIN_NO_RECORD] = "does not count yet: it has no record",
	};
	char comm[HB_COMM_LEN];
	char left[DURATION_LEN];

	if (verdict.record) {
		describe_watched(text, explanation, verdict.record);
	} else if (verdict.work == EXPLAIN_WORKS) {
		duration_text(left, verdict.works_until - explanation->snapshot->taken_at);
		snprintf(text, VERDICT_LEN, "counts: its work does, for another %s", left);
	} else if (verdict.reason == EXPLAIN_BUSY) {
		snprintf(text, VERDICT_LEN, "does not count: %s",
			 verdict.work == EXPLAIN_WORK_OVER ? "it has worked for too long"
							   : "it is stopped");
	} else if (verdict.reason == EXPLAIN_NOT_LISTED &&
		   !is_asked_for(explanation, process->comm)) {
		text_printable(comm, sizeof(comm), process->comm, sizeof(process->comm));
		snprintf(text, VERDICT_LEN, "does not count: its command name is %s", comm);
	} else {
		snprintf(text, VERDICT_LEN, "%s", reasons[verdict.reason]);
	}
}

static int add_row(struct table *table, const struct explanation *explanation,
		   const struct process *process, struct explain_verdict verdict)
{
	char tty[PROCESS_TERMINAL_LEN];
	char text[VERDICT_LEN];
	char pid[16];

	snprintf(pid, sizeof(pid), "%" PRIu32, process->pid);
	name_terminal(tty, process, verdict.record);
	describe(text, explanation, process, verdict);
	return table_add(table, (const char *[]){pid, tty, text});
}

/* The verdict on the name. */
static void print_verdict(FILE *stream, const struct explanation *explanation, size_t counting)
{
	const struct snapshot *snapshot = explanation->snapshot;
	char busy_for[DURATION_LEN];
	char command[HB_COMM_LEN];
	char name[HB_COMM_LEN];

	snprintf(command, sizeof(command), "%s", explanation->name);
	text_printable(name, sizeof(name), command, sizeof(command));
	if (busy_is_listed(snapshot, command))
		fprintf(stream,
			"%s is on the list of busy programs: while one runs, its workspace is not idle, for at most %s after the last key in it.\n",
			name, explain_busy_for(busy_for, snapshot));
	if (explain_is_listed(snapshot, command))
		fprintf(stream, "%s is on the list of watched programs.", name);
	else if (explain_is_listed(snapshot, HB_ANY_PROGRAM))
		fputs("Every program is watched (*) from its first key on.", stream);
	else
		fprintf(stream, "%s is not on the list of watched programs.", name);
	fprintf(stream, " Of %zu process%s, %zu count%s.\n", explanation->count,
		explanation->count == 1 ? "" : "es", counting, counting == 1 ? "s" : "");
	if (!busy_is_listed(snapshot, command) && !explain_is_listed(snapshot, command) &&
	    !explain_is_listed(snapshot, HB_ANY_PROGRAM))
		explain_advise_name(stream, explanation, "", command);
	if (explanation->blind)
		fprintf(stream, "Nothing is seen at the moment: %s.\n", explanation->blind);
}

int explain_write_table(FILE *stream, const void *data)
{
	static const char *const header[] = {"PID", "TTY", "VERDICT"};
	const struct explanation *explanation = data;
	struct table table = {.columns = 3, .right = 1 << 0};
	size_t counting = 0;
	int r;

	r = table_add(&table, header);
	for (size_t i = 0; r == 0 && i < explanation->count; i++) {
		const struct process *process = &explanation->processes[i];
		struct explain_verdict verdict = explain_judge(explanation->snapshot, process);

		counting += verdict.counts;
		r = add_row(&table, explanation, process, verdict);
	}
	if (r == 0) {
		print_verdict(stream, explanation, counting);
		fputc('\n', stream);
		r = table_print(&table, stream, 0);
		fputs("\nFor details: hb-read explain PID\n", stream);
	}
	table_release(&table);
	return r;
}
