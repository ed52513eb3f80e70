// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>

#include "bpf/lib/parse.h"
#include "bpf/lib/units.h"
#include "reader/activity/activity.h"
#include "reader/activity/doubt.h"
#include "reader/activity/workspaces.h"
#include "reader/http/exposition.h"
#include "reader/http/metrics.h"
#include "reader/text/text.h"

/* The name has always been misspelled, and dashboards use it. */
#define METRIC_CONSIDERED "gitpod_acitivity_heartbeat_currently_considered_pids"
#define PREFIX		  "activity_heartbeat_"

const char *metrics_content_type(enum metrics_format format)
{
	return format == METRICS_OPENMETRICS
		       ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
}

/* Coarse times have no decimals, which would look more exact than they are. */
static void write_time(struct exposition *out, const struct report *report, uint64_t boot_ns)
{
	uint64_t unix_ns = boot_ns + report->snapshot.offset_ns;

	if (report->resolution_s)
		exposition_count(out, unix_ns / NS_PER_S);
	else
		exposition_seconds(out, unix_ns);
}

static void label_program(struct exposition *out, const char name[HB_COMM_LEN])
{
	char escaped[TEXT_ESCAPED_MAX * HB_COMM_LEN + 1];

	text_escape(escaped, name, HB_COMM_LEN);
	exposition_label(out, "program", escaped, sizeof(escaped));
}

/* Without a sample there was none. */
static void write_program_time(struct exposition *out, const struct report *report,
			       const struct snapshot_program *program, uint64_t boot_ns)
{
	if (boot_ns == 0)
		return;
	exposition_sample(out);
	label_program(out, program->name);
	write_time(out, report, boot_ns);
}

static void write_programs(struct exposition *out, const struct report *report)
{
	const struct snapshot *snapshot = &report->snapshot;
	const struct snapshot_program *programs = snapshot->programs;

	exposition_begin(out, EXPOSITION_COUNTER, PREFIX "beats",
			 "Beats of a program's processes, ended and living.");
	for (size_t i = 0; i < snapshot->program_count; i++) {
		exposition_sample(out);
		label_program(out, programs[i].name);
		exposition_count(out, programs[i].beats);
	}
	exposition_begin(out, EXPOSITION_GAUGE, PREFIX "last_beat_timestamp_seconds",
			 "Time of a program's last beat; missing before the first.");
	for (size_t i = 0; i < snapshot->program_count; i++)
		write_program_time(out, report, &programs[i], programs[i].last_beat);
	exposition_begin(
		out, EXPOSITION_GAUGE, PREFIX "last_key_timestamp_seconds",
		"Time of a program's last key, the sign of activity; missing before the first.");
	for (size_t i = 0; i < snapshot->program_count; i++)
		write_program_time(out, report, &programs[i], programs[i].last_key);
}

static void begin_workspace(struct exposition *out, const struct workspace *workspace)
{
	exposition_sample(out);
	exposition_label(out, "cgroup", workspace->path, SIZE_MAX);
	exposition_label(out, "container_id", workspace->container, CGROUP_CONTAINER_LEN);
	exposition_label(out, "pod_uid", workspace->pod, CGROUP_POD_LEN);
}

static void write_workspace_time(struct exposition *out, const struct report *report,
				 const struct workspace *workspace, uint64_t boot_ns)
{
	/* A pod has these times with its containers. */
	if (boot_ns == 0 || (workspace->pod[0] != '\0' && workspace->container[0] == '\0'))
		return;
	begin_workspace(out, workspace);
	write_time(out, report, boot_ns);
}

static void write_workspace_list(struct exposition *out, const struct report *report,
				 const struct workspace *list, size_t count)
{
	exposition_begin(
		out, EXPOSITION_GAUGE, PREFIX "cgroup_active_timestamp_seconds",
		"Time that a workspace's idle time counts from: its last key, start of a program at a terminal, or birth, or the load; or now, if a busy program works.");
	for (size_t i = 0; i < count; i++) {
		begin_workspace(out, &list[i]);
		write_time(out, report, list[i].since);
	}
	exposition_begin(
		out, EXPOSITION_GAUGE, PREFIX "cgroup_in_doubt",
		"1 while a program runs in a workspace that the hook cannot see; missing otherwise.");
	for (size_t i = 0; i < count; i++) {
		if (!list[i].in_doubt)
			continue;
		begin_workspace(out, &list[i]);
		exposition_count(out, 1);
	}
	exposition_begin(
		out, EXPOSITION_GAUGE, PREFIX "cgroup_busy",
		"Processes of busy programs that keep a workspace from being idle; missing if there are none.");
	for (size_t i = 0; i < count; i++) {
		if (list[i].busy == 0)
			continue;
		begin_workspace(out, &list[i]);
		exposition_count(out, list[i].busy);
	}
	exposition_begin(out, EXPOSITION_GAUGE, PREFIX "cgroup_last_beat_timestamp_seconds",
			 "Time of a workspace's last beat; missing before the first.");
	for (size_t i = 0; i < count; i++)
		write_workspace_time(out, report, &list[i], list[i].last_beat);
	exposition_begin(out, EXPOSITION_GAUGE, PREFIX "cgroup_last_key_timestamp_seconds",
			 "Time of a workspace's last key; missing before the first.");
	for (size_t i = 0; i < count; i++)
		write_workspace_time(out, report, &list[i], list[i].last_key);
}

static int write_workspaces(struct exposition *out, const struct report *report)
{
	struct workspaces workspaces;
	int r;

	r = workspaces_find(&report->snapshot, &workspaces);
	if (r == 0)
		write_workspace_list(out, report, workspaces.list, workspaces.count);
	workspaces_release(&workspaces);
	return r;
}

static void write_doubt(struct exposition *out, const struct report *report, const char *blind)
{
	uint64_t until = doubt_until(&report->snapshot, blind);

	exposition_begin(
		out, EXPOSITION_GAUGE, PREFIX "doubt_until_timestamp_seconds",
		"Time up to which activity in any control group may be unknown: 0: none is; +Inf: it still is.");
	exposition_sample(out);
	if (until == 0)
		exposition_count(out, 0);
	else if (until == UINT64_MAX)
		exposition_value(out, "+Inf");
	else
		write_time(out, report, until);
}

/* What it takes to judge the node as a whole, and how good all times are. */
static int write_node(struct exposition *out, const struct report *report,
		      const struct metrics_now *now)
{
	struct activity_query query = {.by = ACTIVITY_NODE};
	struct activity_answer answer;
	int r;

	r = activity_find(&report->snapshot, &query, &answer);
	if (r < 0)
		return r;
	exposition_begin(
		out, EXPOSITION_GAUGE, PREFIX "active_timestamp_seconds",
		"Time that the node's idle time counts from: the last key, start of a program at a terminal, or the load; or now, if a busy program works.");
	exposition_sample(out);
	write_time(out, report, answer.activity.since);
	write_doubt(out, report, now->blind);
	exposition_begin(out, EXPOSITION_GAUGE, PREFIX "as_of_timestamp_seconds",
			 "Time of the node's clock when all these times were collected.");
	exposition_sample(out);
	write_time(out, report, report->snapshot.taken_at);
	exposition_single(out, EXPOSITION_GAUGE, PREFIX "resolution_seconds",
			  "Times are rounded down to a multiple of this; 0: they are exact.",
			  report->resolution_s);
	exposition_begin(out, EXPOSITION_GAUGE, PREFIX "time_seconds",
			 "The node's clock at this moment, in unix time.");
	exposition_sample(out);
	exposition_seconds(out, now->unix_ns);
	return 0;
}

static void write_refused(struct exposition *out, const struct report *report)
{
	const uint64_t *stats = report->snapshot.stats;

	exposition_single(
		out, EXPOSITION_COUNTER, PREFIX "cgroups_refused",
		"Attempts to record a control group that did not fit into the map: its keys count for the group above. No group is ever evicted for another.",
		stats[HB_STAT_REFUSED_CGROUPS]);
	exposition_single(
		out, EXPOSITION_COUNTER, PREFIX "processes_refused",
		"Attempts to record a watched process that did not fit into the map: its keys count all the same.",
		stats[HB_STAT_REFUSED_PROCESSES]);
	exposition_single(
		out, EXPOSITION_COUNTER, PREFIX "verdicts_refused",
		"Attempts to store a verdict that did not fit into the map: the process is judged again at its next read.",
		stats[HB_STAT_REFUSED_VERDICTS]);
}

static void write_readers(struct exposition *out, const struct report *report)
{
	const struct snapshot *snapshot = &report->snapshot;
	const struct {
		const char *state;
		uint32_t number;
	} states[] = {
		{"open", report->readers_open},
		{"orphaned", report->readers_orphaned},
		{"free", report->readers_free},
	};

	exposition_begin(out, EXPOSITION_COUNTER, PREFIX "lost",
			 "Beats that did not fit into the ring of a reader slot.");
	for (uint32_t i = 0; i < snapshot->meta.readers; i++) {
		char number[12];

		snprintf(number, sizeof(number), "%" PRIu32, i);
		exposition_sample(out);
		exposition_label(out, "reader", number, sizeof(number));
		exposition_count(out, snapshot->lost[i]);
	}
	exposition_begin(out, EXPOSITION_GAUGE, PREFIX "readers",
			 "Reader slots: open, orphaned by a killed reader, or free.");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		exposition_sample(out);
		exposition_label(out, "state", states[i].state, SIZE_MAX);
		exposition_count(out, states[i].number);
	}
}

static void write_collector(struct exposition *out, const struct report *report)
{
	exposition_single(out, EXPOSITION_COUNTER, PREFIX "collected",
			  "Verdicts and dead processes deleted by the collections of all readers.",
			  report->snapshot.stats[HB_STAT_COLLECTED]);
	if (report->collector_ns == 0)
		return;
	exposition_begin(out, EXPOSITION_GAUGE, PREFIX "collector_duration_seconds",
			 "Duration of the last collection by this process.");
	exposition_sample(out);
	exposition_seconds(out, report->collector_ns);
}

static void write_hook(struct exposition *out, const struct report *report)
{
	const struct hb_meta *meta = &report->snapshot.meta;

	exposition_begin(out, EXPOSITION_INFO, PREFIX "hook",
			 "How reads are seen, and which of them are beats.");
	exposition_sample(out);
	exposition_label(out, "hook", method_name(meta->hook), SIZE_MAX);
	exposition_label(out, "rule", rule_name(meta->rule), SIZE_MAX);
	exposition_count(out, 1);
	if (meta->why_not[0] != '\0') {
		exposition_begin(out, EXPOSITION_INFO, PREFIX "hook_fallback",
				 "Why a better hook is not available.");
		exposition_sample(out);
		exposition_label(out, "reason", meta->why_not, sizeof(meta->why_not));
		exposition_count(out, 1);
	}
}

static void write_watching(struct exposition *out, const struct report *report, const char *blind)
{
	exposition_begin(
		out, EXPOSITION_GAUGE, PREFIX "watching_since_timestamp_seconds",
		"Time of the load that last changed what is watched: earlier activity was not seen, or not in the same way.");
	exposition_sample(out);
	write_time(out, report, report->snapshot.meta.changed_at);
	exposition_single(
		out, EXPOSITION_GAUGE, PREFIX "hooks_alive",
		"1 if the hooks fire, 0 if they do not or cannot be tried: /healthz says why.",
		!blind);
}

static void begin_hook(struct exposition *out, const struct missed_hook *hook)
{
	exposition_sample(out);
	exposition_label(out, "hook", hook->name, SIZE_MAX);
}

static void write_missed(struct exposition *out, const struct report *report)
{
	const struct missed *missed = &report->missed;

	if (!report->missed_known)
		return;
	exposition_begin(
		out, EXPOSITION_COUNTER, PREFIX "missed",
		"Runs of a hook that the kernel skipped, because a hook was running on that processor.");
	for (size_t i = 0; i < missed->count; i++) {
		begin_hook(out, &missed->hooks[i]);
		exposition_count(out, missed->hooks[i].missed);
	}
	if (!missed->counting)
		return;
	exposition_begin(out, EXPOSITION_COUNTER, PREFIX "program_runs",
			 "Runs of a hook while kernel.bpf_stats_enabled was set.");
	for (size_t i = 0; i < missed->count; i++) {
		begin_hook(out, &missed->hooks[i]);
		exposition_count(out, missed->hooks[i].runs);
	}
	exposition_begin(out, EXPOSITION_COUNTER, PREFIX "program_run_seconds",
			 "Total duration of these runs.");
	for (size_t i = 0; i < missed->count; i++) {
		begin_hook(out, &missed->hooks[i]);
		exposition_seconds(out, missed->hooks[i].run_ns);
	}
}

static void write_self(struct exposition *out, const struct process_metrics *self)
{
	exposition_begin(out, EXPOSITION_COUNTER, "process_cpu_seconds",
			 "Total user and system CPU time spent.");
	exposition_sample(out);
	exposition_value(out, "%" PRIu64 ".%06" PRIu64, self->cpu_us / (NS_PER_S / NS_PER_US),
			 self->cpu_us % (NS_PER_S / NS_PER_US));
	exposition_single(out, EXPOSITION_GAUGE, "process_open_fds",
			  "Number of open file descriptors.", self->open_fds);
	exposition_begin(out, EXPOSITION_GAUGE, "process_max_fds",
			 "Maximum number of open file descriptors.");
	exposition_sample(out);
	if (self->max_fds == UINT64_MAX)
		exposition_value(out, "+Inf");
	else
		exposition_count(out, self->max_fds);
	exposition_single(out, EXPOSITION_GAUGE, "process_resident_memory_bytes",
			  "Resident memory size.", self->resident);
	exposition_single(out, EXPOSITION_GAUGE, "process_virtual_memory_bytes",
			  "Virtual memory size.", self->virtual);
	if (self->start_s <= 0)
		return;
	exposition_begin(out, EXPOSITION_GAUGE, "process_start_time_seconds",
			 "Start time of the process since the unix epoch.");
	exposition_sample(out);
	exposition_value(out, "%.2f", self->start_s);
}

static void write_build(struct exposition *out, const struct report *report)
{
	const struct hb_meta *meta = &report->snapshot.meta;

	exposition_begin(out, EXPOSITION_INFO, PREFIX "build",
			 "The node, and the versions of this process and of what is loaded.");
	exposition_sample(out);
	exposition_label(out, "version", HB_VERSION, SIZE_MAX);
	exposition_label(out, "loaded", meta->build, sizeof(meta->build));
	exposition_label(out, "node", report->node, SIZE_MAX);
	exposition_count(out, 1);
}

int metrics_write(FILE *stream, enum metrics_format format, const struct metrics_now *now,
		  const struct report *report)
{
	struct exposition out = {.stream = stream, .openmetrics = format == METRICS_OPENMETRICS};
	int r;

	exposition_single(&out, EXPOSITION_GAUGE, METRIC_CONSIDERED,
			  "Processes of watched programs at this moment.", now->considered);
	write_programs(&out, report);
	r = write_workspaces(&out, report);
	if (r == 0)
		r = write_node(&out, report, now);
	if (r < 0)
		return r;
	write_refused(&out, report);
	write_readers(&out, report);
	write_collector(&out, report);
	write_hook(&out, report);
	write_watching(&out, report, now->blind);
	write_missed(&out, report);
	write_self(&out, &report->self);
	write_build(&out, report);
	if (out.openmetrics)
		fputs("# EOF\n", stream);
	return 0;
}
