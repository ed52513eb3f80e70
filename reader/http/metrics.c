// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>

#include "bpf/lib/parse.h"
#include "reader/activity/activity.h"
#include "reader/maps/coarse.h"
#include "reader/http/exposition.h"
#include "reader/maps/cgroup_rows.h"
#include "reader/http/metrics.h"

/* Misspelled as ever: dashboards ask for it by this name. */
#define METRIC_CONSIDERED "gitpod_acitivity_heartbeat_currently_considered_pids"
#define PREFIX		  "activity_heartbeat_"

static const uint64_t ns_per_s = 1000000000;

struct metrics_writer {
	struct exposition out;
	bool detailed;
	const struct report *report;
};

const char *metrics_content_type(enum metrics_format format)
{
	return format == METRICS_OPENMETRICS
		       ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
}

static void time_of(struct metrics_writer *writer, uint64_t boot_ns)
{
	uint64_t offset = writer->report->snapshot.offset_ns;

	if (writer->detailed)
		exposition_seconds(&writer->out, boot_ns + offset);
	else
		exposition_count(&writer->out, (coarse_boot_ns(boot_ns) + offset) / ns_per_s);
}

static void single(struct metrics_writer *writer, enum exposition_type type, const char *family,
		   const char *help, uint64_t number)
{
	exposition_begin(&writer->out, type, family, help);
	exposition_sample(&writer->out);
	exposition_count(&writer->out, number);
}

static void write_programs(struct metrics_writer *writer)
{
	const struct snapshot *snapshot = &writer->report->snapshot;

	exposition_begin(&writer->out, EXPOSITION_COUNTER, PREFIX "beats",
			 "Beats of a program's processes, ended and living.");
	for (size_t i = 0; i < snapshot->program_count; i++) {
		exposition_sample(&writer->out);
		exposition_label(&writer->out, "program", snapshot->programs[i].name, HB_COMM_LEN);
		exposition_count(&writer->out, snapshot->programs[i].beats);
	}
	exposition_begin(&writer->out, EXPOSITION_GAUGE, PREFIX "last_beat_timestamp_seconds",
			 "When a program last had a beat; not there before the first.");
	for (size_t i = 0; i < snapshot->program_count; i++) {
		if (snapshot->programs[i].last_beat == 0)
			continue;
		exposition_sample(&writer->out);
		exposition_label(&writer->out, "program", snapshot->programs[i].name, HB_COMM_LEN);
		time_of(writer, snapshot->programs[i].last_beat);
	}
}

static int write_cgroups(struct metrics_writer *writer)
{
	struct cgroup_rows groups;
	int r;

	r = cgroup_rows_find(writer->report, NULL, writer->detailed, &groups);
	if (r == 0)
		exposition_begin(&writer->out, EXPOSITION_GAUGE,
				 PREFIX "cgroup_last_beat_timestamp_seconds",
				 "When a control group last had a beat, until it is removed.");
	for (size_t i = 0; r == 0 && i < groups.count; i++) {
		if (groups.groups[i].last_beat == 0)
			continue;
		exposition_sample(&writer->out);
		exposition_label(&writer->out, "cgroup", groups.groups[i].path, SIZE_MAX);
		exposition_label(&writer->out, "container", groups.groups[i].container,
				 CGROUP_CONTAINER_LEN);
		time_of(writer, groups.groups[i].last_beat);
	}
	cgroup_rows_release(&groups);
	return r;
}

static void write_refused(struct metrics_writer *writer)
{
	const uint64_t *stats = writer->report->snapshot.stats;

	single(writer, EXPOSITION_COUNTER, PREFIX "cgroups_refused",
	       "Control groups that there was no room for: their last beats are not known. None is ever evicted for another.",
	       stats[HB_STAT_REFUSED_CGROUPS]);
	single(writer, EXPOSITION_COUNTER, PREFIX "processes_refused",
	       "Records of considered processes that there was no room for; their beats count.",
	       stats[HB_STAT_REFUSED_PROCESSES]);
	single(writer, EXPOSITION_COUNTER, PREFIX "verdicts_refused",
	       "Verdicts that there was no room for: given anew at each read.",
	       stats[HB_STAT_REFUSED_VERDICTS]);
}

static void write_readers(struct metrics_writer *writer)
{
	const struct snapshot *snapshot = &writer->report->snapshot;
	const struct {
		const char *state;
		uint32_t number;
	} states[] = {
		{"open", writer->report->readers_open},
		{"orphaned", writer->report->readers_orphaned},
		{"free", writer->report->readers_free},
	};

	exposition_begin(&writer->out, EXPOSITION_COUNTER, PREFIX "lost",
			 "Beats that a reader slot's ring had no room for.");
	for (uint32_t i = 0; i < snapshot->meta.readers; i++) {
		char number[12];

		snprintf(number, sizeof(number), "%" PRIu32, i);
		exposition_sample(&writer->out);
		exposition_label(&writer->out, "reader", number, sizeof(number));
		exposition_count(&writer->out, snapshot->lost[i]);
	}
	exposition_begin(&writer->out, EXPOSITION_GAUGE, PREFIX "readers",
			 "Reader slots: open ones, those of readers that were killed, free ones.");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		exposition_sample(&writer->out);
		exposition_label(&writer->out, "state", states[i].state, SIZE_MAX);
		exposition_count(&writer->out, states[i].number);
	}
}

static void write_collector(struct metrics_writer *writer)
{
	single(writer, EXPOSITION_COUNTER, PREFIX "collected",
	       "Verdicts and dead processes deleted by collections, of all readers.",
	       writer->report->snapshot.stats[HB_STAT_COLLECTED]);
	if (writer->report->collector_ns == 0)
		return;
	exposition_begin(&writer->out, EXPOSITION_GAUGE, PREFIX "collector_duration_seconds",
			 "How long the last collection by this process took.");
	exposition_sample(&writer->out);
	exposition_seconds(&writer->out, writer->report->collector_ns);
}

static void write_hook(struct metrics_writer *writer)
{
	const struct hb_meta *meta = &writer->report->snapshot.meta;

	exposition_begin(&writer->out, EXPOSITION_INFO, PREFIX "hook",
			 "How reads are seen, and which of them are beats.");
	exposition_sample(&writer->out);
	exposition_label(&writer->out, "hook", method_name(meta->hook), SIZE_MAX);
	exposition_label(&writer->out, "rule", rule_name(meta->rule), SIZE_MAX);
	exposition_count(&writer->out, 1);
	if (meta->why_not[0] != '\0') {
		exposition_begin(&writer->out, EXPOSITION_INFO, PREFIX "hook_fallback",
				 "Why it is not a better hook.");
		exposition_sample(&writer->out);
		exposition_label(&writer->out, "reason", meta->why_not, sizeof(meta->why_not));
		exposition_count(&writer->out, 1);
	}
}

static void write_watching(struct metrics_writer *writer, bool hooks_alive)
{
	exposition_begin(
		&writer->out, EXPOSITION_GAUGE, PREFIX "watching_since_timestamp_seconds",
		"When the last load was: what came before was not seen, or not in the same way.");
	exposition_sample(&writer->out);
	time_of(writer, activity_watching_since(&writer->report->snapshot));
	single(writer, EXPOSITION_GAUGE, PREFIX "hooks_alive",
	       "1: the hooks fire; 0: they do not, or that cannot be tried: /healthz says why.",
	       hooks_alive);
}

static void write_missed(struct metrics_writer *writer)
{
	const struct missed *missed = &writer->report->missed;

	if (!writer->report->missed_known)
		return;
	exposition_begin(
		&writer->out, EXPOSITION_COUNTER, PREFIX "missed",
		"Runs of a hook that the kernel skipped, as one was under way on that processor.");
	for (size_t i = 0; i < missed->count; i++) {
		exposition_sample(&writer->out);
		exposition_label(&writer->out, "hook", missed->hooks[i].name, SIZE_MAX);
		exposition_count(&writer->out, missed->hooks[i].missed);
	}
	if (!missed->counting)
		return;
	exposition_begin(&writer->out, EXPOSITION_COUNTER, PREFIX "program_runs",
			 "Runs of a hook while kernel.bpf_stats_enabled was set.");
	for (size_t i = 0; i < missed->count; i++) {
		exposition_sample(&writer->out);
		exposition_label(&writer->out, "hook", missed->hooks[i].name, SIZE_MAX);
		exposition_count(&writer->out, missed->hooks[i].runs);
	}
	exposition_begin(&writer->out, EXPOSITION_COUNTER, PREFIX "program_run_seconds",
			 "Time that those runs took.");
	for (size_t i = 0; i < missed->count; i++) {
		exposition_sample(&writer->out);
		exposition_label(&writer->out, "hook", missed->hooks[i].name, SIZE_MAX);
		exposition_seconds(&writer->out, missed->hooks[i].run_ns);
	}
}

static void write_self(struct metrics_writer *writer)
{
	const struct process_metrics *self = &writer->report->self;

	exposition_begin(&writer->out, EXPOSITION_COUNTER, "process_cpu_seconds",
			 "Total user and system CPU time spent.");
	exposition_sample(&writer->out);
	exposition_value(&writer->out, "%" PRIu64 ".%06" PRIu64, self->cpu_us / 1000000,
			 self->cpu_us % 1000000);
	single(writer, EXPOSITION_GAUGE, "process_open_fds", "Number of open file descriptors.",
	       self->open_fds);
	exposition_begin(&writer->out, EXPOSITION_GAUGE, "process_max_fds",
			 "Maximum number of open file descriptors.");
	exposition_sample(&writer->out);
	if (self->max_fds == UINT64_MAX)
		exposition_value(&writer->out, "+Inf");
	else
		exposition_count(&writer->out, self->max_fds);
	single(writer, EXPOSITION_GAUGE, "process_resident_memory_bytes", "Resident memory size.",
	       self->resident);
	single(writer, EXPOSITION_GAUGE, "process_virtual_memory_bytes", "Virtual memory size.",
	       self->virtual);
	if (self->start_ticks == 0)
		return;
	exposition_begin(&writer->out, EXPOSITION_GAUGE, "process_start_time_seconds",
			 "Start time of the process since the unix epoch.");
	exposition_sample(&writer->out);
	exposition_value(&writer->out, "%.2f",
			 process_metrics_start_s(self, writer->report->snapshot.offset_ns));
}

static void write_build(struct metrics_writer *writer)
{
	const struct hb_meta *meta = &writer->report->snapshot.meta;

	exposition_begin(&writer->out, EXPOSITION_INFO, PREFIX "build",
			 "The version of what answers, and of what is loaded.");
	exposition_sample(&writer->out);
	exposition_label(&writer->out, "version", HB_VERSION, SIZE_MAX);
	exposition_label(&writer->out, "loaded", meta->build, sizeof(meta->build));
	exposition_count(&writer->out, 1);
}

int metrics_write(FILE *stream, enum metrics_format format, const struct metrics_now *now,
		  const struct report *report, bool detailed)
{
	struct metrics_writer writer = {
		.out = {.stream = stream, .openmetrics = format == METRICS_OPENMETRICS},
		.detailed = detailed,
		.report = report,
	};
	int r;

	single(&writer, EXPOSITION_GAUGE, METRIC_CONSIDERED,
	       "Processes of considered programs at this moment.", now->considered);
	write_programs(&writer);
	r = write_cgroups(&writer);
	if (r < 0)
		return r;
	write_refused(&writer);
	write_readers(&writer);
	write_collector(&writer);
	write_hook(&writer);
	write_watching(&writer, now->hooks_alive);
	write_missed(&writer);
	write_self(&writer);
	write_build(&writer);
	if (writer.out.openmetrics)
		fputs("# EOF\n", stream);
	return 0;
}
