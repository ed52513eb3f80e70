// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/parse.h"
#include "reader/text/json.h"
#include "reader/commands/status.h"

static void print_text(FILE *stream, const char *name, const char *text, size_t length)
{
	fprintf(stream, ",\"%s\":", name);
	json_print(stream, text, length);
}

/* Both forms of a time, as in the other objects of hb-read. */
static void print_time(FILE *stream, const char *name, const struct snapshot *snapshot,
		       uint64_t boot_ns)
{
	char text[CLOCK_RFC3339_LEN];

	if (boot_ns == 0) {
		fprintf(stream, ",\"%s_ns\":null,\"%s\":null", name, name);
		return;
	}
	clock_rfc3339(text, boot_ns + snapshot->offset_ns);
	fprintf(stream, ",\"%s_ns\":%" PRIu64 ",\"%s\":\"%s\"", name, boot_ns + snapshot->offset_ns,
		name, text);
}

static void print_loaded(const struct status *status, FILE *stream)
{
	const struct snapshot *snapshot = &status->snapshot;
	const struct hb_meta *meta = &snapshot->meta;

	print_text(stream, "pin_dir", status->pin_dir, SIZE_MAX);
	print_text(stream, "build", meta->build, sizeof(meta->build));
	fprintf(stream, ",\"abi\":%u", meta->abi);
	print_time(stream, "loaded_at", snapshot, meta->loaded_at);
	print_time(stream, "updated_at", snapshot, meta->updated_at);
	fprintf(stream, ",\"hook\":\"%s\"", method_name(meta->hook));
	print_text(stream, "why_not_better", meta->why_not, sizeof(meta->why_not));
	fprintf(stream, ",\"rule\":\"%s\"", rule_name(meta->rule));
	fprintf(stream, ",\"last_key_known\":%s", meta->flags & HB_META_KEYS ? "true" : "false");
	fprintf(stream, ",\"sees_32bit\":%s",
		meta->hook == HB_METHOD_TRACEPOINT ? "false" : "true");
}

static void print_programs(const struct snapshot *snapshot, FILE *stream)
{
	fputs(",\"programs\":[", stream);
	for (size_t i = 0; i < snapshot->program_count; i++) {
		const struct snapshot_program *program = &snapshot->programs[i];

		fputs(i ? ",{\"name\":" : "{\"name\":", stream);
		json_print(stream, program->name, sizeof(program->name));
		fprintf(stream, ",\"processes\":%" PRIu32 ",\"beats\":%" PRIu64, program->processes,
			program->beats);
		print_time(stream, "last_beat", snapshot, program->last_beat);
		fputc('}', stream);
	}
	fputc(']', stream);
}

static void print_slots(const struct status *status, FILE *stream)
{
	static const char *const states[] = {
		[SLOT_FREE] = "free",
		[SLOT_HELD] = "held",
		[SLOT_ORPHANED] = "orphaned",
		[SLOT_OPEN] = "open",
	};

	fputs(",\"slots\":[", stream);
	for (uint32_t i = 0; i < status->snapshot.meta.readers; i++) {
		const struct slot_status *slot = &status->slots[i];

		fprintf(stream, "%s{\"slot\":%" PRIu32 ",\"state\":\"%s\",\"lost\":%" PRIu64,
			i ? "," : "", i, states[slot->state], status->snapshot.lost[i]);
		if (slot->state == SLOT_HELD) {
			fprintf(stream, ",\"pid\":%" PRIu32, slot->pid);
			print_text(stream, "program", slot->command, sizeof(slot->command));
		} else {
			fputs(",\"pid\":null,\"program\":null", stream);
		}
		fputc('}', stream);
	}
	fputc(']', stream);
}

static void print_missed(const struct status *status, FILE *stream)
{
	const struct missed *missed = &status->missed;

	if (status->missed_known < 0) {
		fputs(",\"missed\":null,\"missed_by_hook\":null", stream);
		return;
	}
	fprintf(stream, ",\"missed\":%" PRIu64 ",\"missed_by_hook\":{", missed->reads);
	for (size_t i = 0; i < missed->count; i++)
		fprintf(stream, "%s\"%s\":%" PRIu64, i ? "," : "", missed->hooks[i].name,
			missed->hooks[i].missed);
	fputc('}', stream);
}

static void print_fill(FILE *stream, const char *name, size_t entries, uint32_t max,
		       const char *separator)
{
	fprintf(stream, "%s\"%s\":{\"entries\":%zu,\"max\":%" PRIu32 "}", separator, name, entries,
		max);
}

static void print_counts(const struct status *status, FILE *stream)
{
	const struct snapshot *snapshot = &status->snapshot;
	const uint64_t *stats = snapshot->stats;

	fprintf(stream, ",\"lost\":%" PRIu64, snapshot_lost(snapshot));
	print_missed(status, stream);
	fprintf(stream, ",\"considered\":%" PRIu32, snapshot->considered);
	fputs(",\"maps\":{", stream);
	print_fill(stream, HB_PIN_CONSIDERED_PIDS, snapshot->verdicts, snapshot->meta.max_pids, "");
	print_fill(stream, HB_PIN_PROCESSES, snapshot->process_count, HB_PROCESSES_MAX, ",");
	print_fill(stream, HB_PIN_CGROUPS, snapshot->cgroup_count, HB_CGROUPS_MAX, ",");
	print_fill(stream, HB_PIN_PROGRAMS, snapshot->program_count, HB_PROGRAMS_MAX, ",");
	fprintf(stream,
		"},\"refused\":{\"verdicts\":%" PRIu64 ",\"processes\":%" PRIu64
		",\"cgroups\":%" PRIu64 "}",
		stats[HB_STAT_REFUSED_VERDICTS], stats[HB_STAT_REFUSED_PROCESSES],
		stats[HB_STAT_REFUSED_CGROUPS]);
	fprintf(stream, ",\"collected\":%" PRIu64 ",\"stdin_reads\":%" PRIu64,
		stats[HB_STAT_COLLECTED], stats[HB_STAT_STDIN_READS]);
}

void status_print_json(const struct status *status, FILE *stream)
{
	fputs("{\"v\":1,\"type\":\"status\"", stream);
	print_loaded(status, stream);
	print_programs(&status->snapshot, stream);
	print_slots(status, stream);
	print_counts(status, stream);
	fputs("}\n", stream);
}
