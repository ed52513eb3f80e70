// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>

#include "bpf/lib/parse.h"
#include "reader/activity/activity.h"
#include "reader/maps/coarse.h"
#include "reader/http/exposition.h"
#include "reader/maps/groups.h"
#include "reader/http/metrics.h"

/* Misspelled as ever: dashboards ask for it by this name. */
#define METRIC_CONSIDERED "gitpod_acitivity_heartbeat_currently_considered_pids"
#define PREFIX		  "activity_heartbeat_"

static const uint64_t ns_per_s = 1000000000;

struct page {
	struct exposition out;
	bool detailed;
	const struct sample *sample;
};

const char *metrics_content_type(enum metrics_format format)
{
	return format == METRICS_OPENMETRICS
		       ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
}

static void time_of(struct page *page, uint64_t boot_ns)
{
	uint64_t offset = page->sample->snapshot.offset_ns;

	if (page->detailed)
		exposition_seconds(&page->out, boot_ns + offset);
	else
		exposition_count(&page->out, (coarse_boot_ns(boot_ns) + offset) / ns_per_s);
}

static void single(struct page *page, enum exposition_type type, const char *family,
		   const char *help, uint64_t number)
{
	exposition_begin(&page->out, type, family, help);
	exposition_sample(&page->out);
	exposition_count(&page->out, number);
}

static void write_programs(struct page *page)
{
	const struct snapshot *snapshot = &page->sample->snapshot;

	exposition_begin(&page->out, EXPOSITION_COUNTER, PREFIX "beats",
			 "Beats of a program's processes, ended and living.");
	for (size_t i = 0; i < snapshot->program_count; i++) {
		exposition_sample(&page->out);
		exposition_label(&page->out, "program", snapshot->programs[i].name, HB_COMM_LEN);
		exposition_count(&page->out, snapshot->programs[i].beats);
	}
	exposition_begin(&page->out, EXPOSITION_GAUGE, PREFIX "last_beat_timestamp_seconds",
			 "When a program last had a beat; not there before the first.");
	for (size_t i = 0; i < snapshot->program_count; i++) {
		if (snapshot->programs[i].last_beat == 0)
			continue;
		exposition_sample(&page->out);
		exposition_label(&page->out, "program", snapshot->programs[i].name, HB_COMM_LEN);
		time_of(page, snapshot->programs[i].last_beat);
	}
}

static int write_cgroups(struct page *page)
{
	struct groups groups;
	int r;

	r = groups_find(page->sample, NULL, page->detailed, &groups);
	if (r == 0)
		exposition_begin(&page->out, EXPOSITION_GAUGE,
				 PREFIX "cgroup_last_beat_timestamp_seconds",
				 "When a control group last had a beat, until it is removed.");
	for (size_t i = 0; r == 0 && i < groups.count; i++) {
		if (groups.groups[i].last_beat == 0)
			continue;
		exposition_sample(&page->out);
		exposition_label(&page->out, "cgroup", groups.groups[i].path, SIZE_MAX);
		exposition_label(&page->out, "container", groups.groups[i].container,
				 CGROUP_CONTAINER_LEN);
		time_of(page, groups.groups[i].last_beat);
	}
	groups_release(&groups);
	return r;
}

static void write_refused(struct page *page)
{
	const uint64_t *stats = page->sample->snapshot.stats;

	single(page, EXPOSITION_COUNTER, PREFIX "cgroups_refused",
	       "Control groups that there was no room for: their last beats are not known. None is "
	       "ever evicted for another.",
	       stats[HB_STAT_REFUSED_CGROUPS]);
	single(page, EXPOSITION_COUNTER, PREFIX "processes_refused",
	       "Records of considered processes that there was no room for; their beats count.",
	       stats[HB_STAT_REFUSED_PROCESSES]);
	single(page, EXPOSITION_COUNTER, PREFIX "verdicts_refused",
	       "Verdicts that there was no room for: given anew at each read.",
	       stats[HB_STAT_REFUSED_VERDICTS]);
}

static void write_readers(struct page *page)
{
	const struct snapshot *snapshot = &page->sample->snapshot;
	const struct {
		const char *state;
		uint32_t number;
	} states[] = {
		{"open", page->sample->readers_open},
		{"orphaned", page->sample->readers_orphaned},
		{"free", page->sample->readers_free},
	};

	exposition_begin(&page->out, EXPOSITION_COUNTER, PREFIX "lost",
			 "Beats that a reader slot's ring had no room for.");
	for (uint32_t i = 0; i < snapshot->meta.readers; i++) {
		char number[12];

		snprintf(number, sizeof(number), "%" PRIu32, i);
		exposition_sample(&page->out);
		exposition_label(&page->out, "reader", number, sizeof(number));
		exposition_count(&page->out, snapshot->lost[i]);
	}
	exposition_begin(&page->out, EXPOSITION_GAUGE, PREFIX "readers",
			 "Reader slots: open ones, those of readers that were killed, free ones.");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		exposition_sample(&page->out);
		exposition_label(&page->out, "state", states[i].state, SIZE_MAX);
		exposition_count(&page->out, states[i].number);
	}
}

static void write_collector(struct page *page)
{
	single(page, EXPOSITION_COUNTER, PREFIX "collected",
	       "Verdicts and dead processes deleted by collections, of all readers.",
	       page->sample->snapshot.stats[HB_STAT_COLLECTED]);
	if (page->sample->collector_ns == 0)
		return;
	exposition_begin(&page->out, EXPOSITION_GAUGE, PREFIX "collector_duration_seconds",
			 "How long the last collection by this process took.");
	exposition_sample(&page->out);
	exposition_seconds(&page->out, page->sample->collector_ns);
}

static void write_hook(struct page *page)
{
	const struct hb_meta *meta = &page->sample->snapshot.meta;

	exposition_begin(&page->out, EXPOSITION_INFO, PREFIX "hook",
			 "How reads are seen, and which of them are beats.");
	exposition_sample(&page->out);
	exposition_label(&page->out, "hook", hook_name(meta->hook), SIZE_MAX);
	exposition_label(&page->out, "rule", rule_name(meta->rule), SIZE_MAX);
	exposition_count(&page->out, 1);
	if (meta->why_not[0] != '\0') {
		exposition_begin(&page->out, EXPOSITION_INFO, PREFIX "hook_fallback",
				 "Why it is not a better hook.");
		exposition_sample(&page->out);
		exposition_label(&page->out, "reason", meta->why_not, sizeof(meta->why_not));
		exposition_count(&page->out, 1);
	}
}

static void write_watching(struct page *page, bool hooks_alive)
{
	exposition_begin(&page->out, EXPOSITION_GAUGE, PREFIX "watching_since_timestamp_seconds",
			 "When the last load was: what came before was not seen, or not in the "
			 "same way.");
	exposition_sample(&page->out);
	time_of(page, activity_watching_since(&page->sample->snapshot));
	single(page, EXPOSITION_GAUGE, PREFIX "hooks_alive",
	       "1: the hooks fire; 0: they do not, or that cannot be tried: /healthz says why.",
	       hooks_alive);
}

static void write_missed(struct page *page)
{
	const struct missed *missed = &page->sample->missed;

	if (!page->sample->missed_known)
		return;
	exposition_begin(&page->out, EXPOSITION_COUNTER, PREFIX "missed",
			 "Runs of a hook that the kernel skipped, as one was under way on that "
			 "processor.");
	for (size_t i = 0; i < missed->count; i++) {
		exposition_sample(&page->out);
		exposition_label(&page->out, "hook", missed->hooks[i].name, SIZE_MAX);
		exposition_count(&page->out, missed->hooks[i].missed);
	}
	if (!missed->counting)
		return;
	exposition_begin(&page->out, EXPOSITION_COUNTER, PREFIX "program_runs",
			 "Runs of a hook while kernel.bpf_stats_enabled was set.");
	for (size_t i = 0; i < missed->count; i++) {
		exposition_sample(&page->out);
		exposition_label(&page->out, "hook", missed->hooks[i].name, SIZE_MAX);
		exposition_count(&page->out, missed->hooks[i].runs);
	}
	exposition_begin(&page->out, EXPOSITION_COUNTER, PREFIX "program_run_seconds",
			 "Time that those runs took.");
	for (size_t i = 0; i < missed->count; i++) {
		exposition_sample(&page->out);
		exposition_label(&page->out, "hook", missed->hooks[i].name, SIZE_MAX);
		exposition_seconds(&page->out, missed->hooks[i].run_ns);
	}
}

static void write_self(struct page *page)
{
	const struct self *self = &page->sample->self;

	exposition_begin(&page->out, EXPOSITION_COUNTER, "process_cpu_seconds",
			 "Total user and system CPU time spent.");
	exposition_sample(&page->out);
	exposition_value(&page->out, "%" PRIu64 ".%06" PRIu64, self->cpu_us / 1000000,
			 self->cpu_us % 1000000);
	single(page, EXPOSITION_GAUGE, "process_open_fds", "Number of open file descriptors.",
	       self->open_fds);
	exposition_begin(&page->out, EXPOSITION_GAUGE, "process_max_fds",
			 "Maximum number of open file descriptors.");
	exposition_sample(&page->out);
	if (self->max_fds == UINT64_MAX)
		exposition_value(&page->out, "+Inf");
	else
		exposition_count(&page->out, self->max_fds);
	single(page, EXPOSITION_GAUGE, "process_resident_memory_bytes", "Resident memory size.",
	       self->resident);
	single(page, EXPOSITION_GAUGE, "process_virtual_memory_bytes", "Virtual memory size.",
	       self->virtual);
	if (self->start_ticks == 0)
		return;
	exposition_begin(&page->out, EXPOSITION_GAUGE, "process_start_time_seconds",
			 "Start time of the process since the unix epoch.");
	exposition_sample(&page->out);
	exposition_value(&page->out, "%.2f", self_start_s(self, page->sample->snapshot.offset_ns));
}

static void write_build(struct page *page)
{
	const struct hb_meta *meta = &page->sample->snapshot.meta;

	exposition_begin(&page->out, EXPOSITION_INFO, PREFIX "build",
			 "The version of what answers, and of what is loaded.");
	exposition_sample(&page->out);
	exposition_label(&page->out, "version", HB_VERSION, SIZE_MAX);
	exposition_label(&page->out, "loaded", meta->build, sizeof(meta->build));
	exposition_count(&page->out, 1);
}

int metrics_write(FILE *stream, enum metrics_format format, const struct metrics_now *now,
		  const struct sample *sample, bool detailed)
{
	struct page page = {
		.out = {.stream = stream, .openmetrics = format == METRICS_OPENMETRICS},
		.detailed = detailed,
		.sample = sample,
	};
	int r;

	single(&page, EXPOSITION_GAUGE, METRIC_CONSIDERED,
	       "Processes of considered programs at this moment.", now->considered);
	write_programs(&page);
	r = write_cgroups(&page);
	if (r < 0)
		return r;
	write_refused(&page);
	write_readers(&page);
	write_collector(&page);
	write_hook(&page);
	write_watching(&page, now->hooks_alive);
	write_missed(&page);
	write_self(&page);
	write_build(&page);
	if (page.out.openmetrics)
		fputs("# EOF\n", stream);
	return 0;
}
