// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "bpf/lib/parse.h"
#include "reader/commands/status.h"
#include "reader/text/json_writer.h"

static void write_loaded(struct json *json, const struct status *status)
{
	const struct snapshot *snapshot = &status->snapshot;
	const struct hb_meta *meta = &snapshot->meta;

	json_string(json, "pin_dir", status->pin_dir, SIZE_MAX);
	json_string(json, "build", meta->build, sizeof(meta->build));
	json_number(json, "abi", meta->abi);
	json_time(json, "loaded_at", snapshot_unix(snapshot, meta->loaded_at));
	json_time(json, "updated_at", snapshot_unix(snapshot, meta->updated_at));
	json_string(json, "hook", method_name(meta->hook), SIZE_MAX);
	json_string(json, "why_not_better", meta->why_not, sizeof(meta->why_not));
	json_string(json, "rule", rule_name(meta->rule), SIZE_MAX);
	json_bool(json, "sees_32bit", meta->hook != HB_METHOD_TRACEPOINT);
}

static void write_programs(struct json *json, const struct snapshot *snapshot)
{
	json_begin_array(json, "programs");
	for (size_t i = 0; i < snapshot->program_count; i++) {
		const struct snapshot_program *program = &snapshot->programs[i];

		json_begin_object(json, NULL);
		json_name(json, "name", program->name);
		json_number(json, "processes", program->processes);
		json_number(json, "beats", program->beats);
		json_time(json, "last_beat", snapshot_unix(snapshot, program->last_beat));
		json_time(json, "last_key", snapshot_unix(snapshot, program->last_key));
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_busy(struct json *json, const struct snapshot *snapshot)
{
	json_begin_array(json, "busy_programs");
	for (size_t i = 0; i < snapshot->busy_program_count; i++) {
		json_begin_object(json, NULL);
		json_name(json, "name", snapshot->busy_programs[i]);
		json_end_object(json);
	}
	json_end_array(json);
	json_number(json, "busy_for_seconds", snapshot->meta.busy_for);
}

static void write_slots(struct json *json, const struct status *status)
{
	static const char *const states[] = {
		[SLOT_FREE] = "free",
		[SLOT_HELD] = "held",
		[SLOT_ORPHANED] = "orphaned",
		[SLOT_OPEN] = "open",
	};

	json_begin_array(json, "slots");
	for (uint32_t i = 0; i < status->snapshot.meta.readers; i++) {
		const struct slot_status *slot = &status->slots[i];

		json_begin_object(json, NULL);
		json_number(json, "slot", i);
		json_string(json, "state", states[slot->state], SIZE_MAX);
		json_number(json, "lost", status->snapshot.lost[i]);
		if (slot->state == SLOT_HELD) {
			json_number(json, "pid", slot->pid);
			json_name(json, "program", slot->command);
		} else {
			json_null(json, "pid");
			json_null(json, "program");
		}
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_missed(struct json *json, const struct status *status)
{
	const struct missed *missed = &status->missed;

	if (status->missed_known < 0) {
		json_null(json, "missed");
		json_null(json, "missed_by_hook");
		return;
	}
	json_number(json, "missed", missed->reads);
	json_begin_object(json, "missed_by_hook");
	for (size_t i = 0; i < missed->count; i++)
		json_number(json, missed->hooks[i].name, missed->hooks[i].missed);
	json_end_object(json);
}

static void write_fill(struct json *json, const char *map, size_t entries, uint32_t max)
{
	json_begin_object(json, map);
	json_number(json, "entries", entries);
	json_number(json, "max", max);
	json_end_object(json);
}

static void write_counts(struct json *json, const struct status *status)
{
	const struct snapshot *snapshot = &status->snapshot;
	const uint64_t *stats = snapshot->stats;

	json_number(json, "lost", snapshot_lost(snapshot));
	write_missed(json, status);
	json_number(json, "considered", snapshot->considered);
	json_begin_object(json, "maps");
	write_fill(json, HB_PIN_CONSIDERED_PIDS, snapshot->verdicts, snapshot->meta.max_pids);
	write_fill(json, HB_PIN_PROCESSES, snapshot->process_count, HB_PROCESSES_MAX);
	write_fill(json, HB_PIN_CGROUPS, snapshot->cgroup_count, HB_CGROUPS_MAX);
	write_fill(json, HB_PIN_PROGRAMS, snapshot->program_count, HB_PROGRAMS_MAX);
	json_end_object(json);
	json_begin_object(json, "refused");
	json_number(json, "verdicts", stats[HB_STAT_REFUSED_VERDICTS]);
	json_number(json, "processes", stats[HB_STAT_REFUSED_PROCESSES]);
	json_number(json, "cgroups", stats[HB_STAT_REFUSED_CGROUPS]);
	json_end_object(json);
	json_number(json, "collected", stats[HB_STAT_COLLECTED]);
}

int status_write_json(FILE *stream, const void *data)
{
	const struct status *status = data;
	struct json json = {.stream = stream};

	json_begin_document(&json, "status");
	write_loaded(&json, status);
	write_programs(&json, &status->snapshot);
	write_busy(&json, &status->snapshot);
	write_slots(&json, status);
	write_counts(&json, status);
	json_end_document(&json);
	return 0;
}
