// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <string.h>

#include "../bpf/lib/parse.h"
#include "metrics.h"
#include "utf8.h"

/* Misspelled as ever: dashboards ask for it by this name. */
#define METRIC_CONSIDERED "gitpod_acitivity_heartbeat_currently_considered_pids"

static void describe(FILE *stream, const char *name, const char *type, const char *help)
{
	fprintf(stream, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/*
 * The value of a label, which must be UTF-8: other bytes, and control characters, which a line of
 * text is better without, become \xHH.
 */
static void print_label(FILE *stream, const char *text, size_t length)
{
	length = strnlen(text, length);
	for (size_t i = 0; i < length;) {
		size_t taken = utf8_valid(text + i, length - i);
		unsigned char c = (unsigned char)text[i];

		if (taken == 0 || c < ' ' || c == 0x7f) {
			fprintf(stream, "\\\\x%02x", c);
			taken = 1;
		} else {
			if (c == '"' || c == '\\')
				fputc('\\', stream);
			fwrite(text + i, 1, taken, stream);
		}
		i += taken;
	}
}

static void write_lost(FILE *stream, const struct snapshot *snapshot)
{
	const char *name = "activity_heartbeat_lost_total";

	describe(stream, name, "counter", "Beats that a reader slot's ring had no room for.");
	for (uint32_t i = 0; i < snapshot->meta.readers; i++)
		fprintf(stream, "%s{reader=\"%" PRIu32 "\"} %" PRIu64 "\n", name, i,
			snapshot->lost[i]);
}

static void write_beats(FILE *stream, const struct snapshot *snapshot)
{
	const char *name = "activity_heartbeat_beats_total";

	describe(stream, name, "counter", "Beats of a program's processes, ended and living.");
	for (size_t i = 0; i < snapshot->program_count; i++) {
		const struct snapshot_program *program = &snapshot->programs[i];

		fprintf(stream, "%s{program=\"", name);
		print_label(stream, program->name, sizeof(program->name));
		fprintf(stream, "\"} %" PRIu64 "\n", program->beats);
	}
}

void metrics_write(FILE *stream, const struct snapshot *now, const struct snapshot *aged)
{
	const struct snapshot *counters = aged ? aged : now;

	describe(stream, METRIC_CONSIDERED, "gauge",
		 "Processes of considered programs at this moment.");
	fprintf(stream, METRIC_CONSIDERED " %" PRIu32 "\n", now->considered);

	if (!aged)
		write_beats(stream, now);
	write_lost(stream, counters);

	describe(stream, "activity_heartbeat_collected_total", "counter",
		 "Verdicts and dead processes deleted by collections.");
	fprintf(stream, "activity_heartbeat_collected_total %" PRIu64 "\n",
		counters->stats[HB_STAT_COLLECTED]);

	describe(stream, "activity_heartbeat_hook_info", "gauge",
		 "How reads are seen, and which of them are beats.");
	fprintf(stream, "activity_heartbeat_hook_info{hook=\"%s\",rule=\"%s\"} 1\n",
		hook_name(now->meta.hook), rule_name(now->meta.rule));

	describe(stream, "activity_heartbeat_build_info", "gauge",
		 "The version of what answers, and of what is loaded.");
	fputs("activity_heartbeat_build_info{version=\"", stream);
	print_label(stream, HB_VERSION, sizeof(HB_VERSION));
	fputs("\",loaded=\"", stream);
	print_label(stream, now->meta.build, sizeof(now->meta.build));
	fputs("\"} 1\n", stream);
}
