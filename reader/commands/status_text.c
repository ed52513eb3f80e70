// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "bpf/lib/duration.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/units.h"
#include "reader/commands/status.h"
#include "reader/commands/watch.h"
#include "reader/text/table.h"
#include "reader/text/text.h"

__attribute__((format(printf, 3, 4))) static void print_line(FILE *stream, const char *label,
							     const char *format, ...)
{
	va_list args;

	fprintf(stream, "%-15s ", label);
	va_start(args, format);
	vfprintf(stream, format, args);
	va_end(args);
	fputc('\n', stream);
}

static void print_time(FILE *stream, const char *label, const struct snapshot *snapshot,
		       uint64_t boot_ns)
{
	char time[TEXT_TIME_LEN];
	char age[TEXT_AGE_LEN];

	text_time(time, boot_ns + snapshot->offset_ns);
	text_age(age, snapshot_age(snapshot, boot_ns));
	print_line(stream, label, "%s, %s ago", time, age);
}

static void print_busy(const struct snapshot *snapshot, FILE *stream)
{
	char duration[DURATION_LEN];
	char name[HB_COMM_LEN];

	duration_text(duration, snapshot->meta.busy_for * NS_PER_S);
	fprintf(stream, "%-15s ", "busy programs");
	for (size_t i = 0; i < snapshot->busy_program_count; i++) {
		text_printable(name, sizeof(name), snapshot->busy_programs[i], sizeof(name));
		fprintf(stream, "%s%s", i ? ", " : "", name);
	}
	fprintf(stream, ", for %s\n", duration);
}

static void print_loaded(const struct status *status, FILE *stream)
{
	const struct snapshot *snapshot = &status->snapshot;
	const struct hb_meta *meta = &snapshot->meta;
	char build[HB_BUILD_LEN];
	char why[HB_WHY_LEN];

	text_printable(build, sizeof(build), meta->build, sizeof(meta->build));
	text_printable(why, sizeof(why), meta->why_not, sizeof(meta->why_not));
	print_line(stream, "pin directory", "%s", status->pin_dir);
	print_line(stream, "build", "%s, ABI version %u", build, meta->abi);
	print_time(stream, "loaded", snapshot, meta->loaded_at);
	if (meta->updated_at != meta->loaded_at)
		print_time(stream, "updated", snapshot, meta->updated_at);
	print_line(stream, "hook", "%s%s%s%s", method_name(meta->hook), why[0] ? " (" : "", why,
		   why[0] ? ")" : "");
	print_line(stream, "rule", "%s", rule_name(meta->rule));
	if (snapshot->busy_program_count > 0)
		print_busy(snapshot, stream);
	if (meta->hook == HB_METHOD_TRACEPOINT)
		print_line(stream, "not seen",
			   "reads by 32-bit programs, because the hook is a tracepoint");
}

static int print_programs(const struct snapshot *snapshot, FILE *stream)
{
	/* The time is last, so that a narrow terminal keeps its end. */
	static const char *const header[] = {"PROGRAM", "PROCESSES", "BEATS", "AGE", "LAST KEY"};
	struct table table = {.columns = 5, .right = 1 << 1 | 1 << 2 | 1 << 3};
	size_t height;
	size_t width;
	int r;

	r = table_add(&table, header);
	for (size_t i = 0; i < snapshot->program_count && r == 0; i++) {
		const struct snapshot_program *program = &snapshot->programs[i];
		char time[TEXT_TIME_LEN] = "-";
		char age[TEXT_AGE_LEN] = "-";
		char name[HB_COMM_LEN];
		char processes[24];
		char beats[24];

		text_printable(name, sizeof(name), program->name, sizeof(program->name));
		snprintf(processes, sizeof(processes), "%" PRIu32, program->processes);
		snprintf(beats, sizeof(beats), "%" PRIu64, program->beats);
		if (program->last_key) {
			text_time(time, program->last_key + snapshot->offset_ns);
			text_age(age, snapshot_age(snapshot, program->last_key));
		}
		r = table_add(&table, (const char *[]){name, processes, beats, age, time});
	}
	watch_size(&width, &height);
	if (r == 0)
		r = table_print(&table, stream, width);
	table_release(&table);
	return r;
}

static void describe_slot(const struct slot_status *slot, char *text, size_t size)
{
	static const char *const states[] = {
		[SLOT_FREE] = "free",
		[SLOT_ORPHANED] = "orphaned: the next reader adopts it",
		[SLOT_OPEN] = "open, held in another pid namespace",
	};
	char command[HB_COMM_LEN];

	if (slot->state != SLOT_HELD) {
		snprintf(text, size, "%s", states[slot->state]);
		return;
	}
	text_printable(command, sizeof(command), slot->command, sizeof(slot->command));
	snprintf(text, size, "open, held by %" PRIu32 " (%s)", slot->pid, command);
}

/* Free slots that never lost a beat are only counted. */
static int print_slots(const struct status *status, FILE *stream)
{
	static const char *const header[] = {"SLOT", "LOST", "STATE"};
	struct table table = {.columns = 3, .right = 1 << 0 | 1 << 1};
	const struct snapshot *snapshot = &status->snapshot;
	uint32_t used = 0;
	int r;

	r = table_add(&table, header);
	for (uint32_t i = 0; i < snapshot->meta.readers && r == 0; i++) {
		const struct slot_status *slot = &status->slots[i];
		char number[16];
		char state[80];
		char lost[24];

		if (slot->state != SLOT_FREE)
			used++;
		else if (snapshot->lost[i] == 0)
			continue;
		describe_slot(slot, state, sizeof(state));
		snprintf(number, sizeof(number), "%" PRIu32, i);
		snprintf(lost, sizeof(lost), "%" PRIu64, snapshot->lost[i]);
		r = table_add(&table, (const char *[]){number, lost, state});
	}
	print_line(stream, "reader slots", "%" PRIu32 " of %" PRIu32 " open", used,
		   snapshot->meta.readers);
	if (r == 0 && table.count > table.columns) {
		r = table_print(&table, stream, 0);
		fputc('\n', stream);
	}
	table_release(&table);
	return r;
}

static void print_missed(const struct status *status, FILE *stream)
{
	const struct missed *missed = &status->missed;

	if (status->missed_known == -EACCES) {
		print_line(stream, "missed", "known to root only");
		return;
	}
	if (status->missed_known == -ENOENT) {
		print_line(stream, "missed", "everything: no hook is attached; run hb-load again");
		return;
	}
	if (status->missed_known < 0) {
		print_line(stream, "missed", "unknown: %s", strerror(-status->missed_known));
		return;
	}
	fprintf(stream, "%-15s %" PRIu64 " reads", "missed", missed->reads);
	for (size_t i = 0; i < missed->count; i++)
		fprintf(stream, "%s%s %" PRIu64, i ? ", " : " (", missed->hooks[i].name,
			missed->hooks[i].missed);
	fputs(missed->count ? ")\n" : "\n", stream);
}

static void print_refused(const uint64_t stats[HB_STATS], FILE *stream)
{
	uint64_t verdicts = stats[HB_STAT_REFUSED_VERDICTS];
	uint64_t processes = stats[HB_STAT_REFUSED_PROCESSES];
	uint64_t cgroups = stats[HB_STAT_REFUSED_CGROUPS];

	if (verdicts + processes + cgroups == 0)
		print_line(stream, "map full", "never");
	else
		print_line(stream, "map full",
			   "for %" PRIu64 " verdicts, %" PRIu64 " processes, %" PRIu64 " cgroups",
			   verdicts, processes, cgroups);
}

static void print_counts(const struct status *status, FILE *stream)
{
	const struct snapshot *snapshot = &status->snapshot;
	const uint64_t *stats = snapshot->stats;

	print_line(stream, "lost", "%" PRIu64 " beats, in all slots", snapshot_lost(snapshot));
	print_missed(status, stream);
	print_line(stream, "verdicts", "%" PRIu32 " of %" PRIu32 ", %" PRIu32 " watched",
		   snapshot->verdicts, snapshot->meta.max_pids, snapshot->considered);
	print_line(stream, "processes", "%zu of %d", snapshot->process_count, HB_PROCESSES_MAX);
	print_line(stream, "cgroups", "%zu of %d", snapshot->cgroup_count, HB_CGROUPS_MAX);
	print_line(stream, "programs", "%zu of %d", snapshot->program_count, HB_PROGRAMS_MAX);
	print_refused(stats, stream);
	print_line(stream, "swept", "%" PRIu64 " entries", stats[HB_STAT_COLLECTED]);
}

int status_write_text(FILE *stream, const void *data)
{
	const struct status *status = data;
	int r;

	print_loaded(status, stream);
	fputc('\n', stream);
	r = print_programs(&status->snapshot, stream);
	if (r < 0)
		return r;
	fputc('\n', stream);
	r = print_slots(status, stream);
	if (r < 0)
		return r;
	print_counts(status, stream);
	return 0;
}
