// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The metrics: reader/http/metrics.c, reader/http/exposition.c, reader/activity/workspaces.c */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "reader/http/metrics.h"
#include "reader/maps/coarsen.h"
#include "tests/unit/suites.h"

#define S	  1000000000ULL
#define CONTAINER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct snapshot_program programs[] = {
	{.name = "ed", .beats = 12, .last_beat = 21 * S + 500, .last_key = 19 * S + 7},
	{.name = "a\"\\\n\xff\xc3\xbc", .beats = 13},
};

static struct snapshot_cgroup cgroups[] = {
	{.id = 1, .record = {.parent_id = 0}},
	{.id = 11,
	 .record = {.parent_id = 1, .name = "docker-" CONTAINER ".scope", .last_beat = 30 * S}},
	{.id = 12,
	 .record = {.parent_id = 1,
		    .name = "session-3.scope",
		    .last_beat = 33 * S,
		    .last_key = 31 * S}},
	{.id = 13, .record = {.parent_id = 1, .name = "user-1000.slice", .last_beat = 45 * S}},
	{.id = 14, .record = {.parent_id = 1, .name = "never.slice"}},
	{.id = 15, .record = {.parent_id = 4242, .name = "unknown.slice", .last_beat = 45 * S}},
	/* Under rule stdin, a key through another descriptor is no beat. */
	{.id = 16, .record = {.parent_id = 13, .name = "only-keys", .last_key = 41 * S}},
};

static struct report report = {
	.snapshot =
		{
			.meta = {.readers = 2,
				 .loaded_at = 12 * S,
				 .updated_at = 21 * S,
				 .changed_at = 20 * S,
				 .hook = HB_METHOD_TRACEPOINT,
				 .rule = HB_RULE_ANY,
				 .build = "1.2\"3",
				 .why_not = "fentry: not \"permitted\"\xe2\x80\xae"},
			.taken_at = 50 * S,
			.offset_ns = 1000 * S,
			.complete = true,
			.considered = 999,
			.lost = {0, 5},
			.stats = {[HB_STAT_COLLECTED] = 8, [HB_STAT_REFUSED_CGROUPS] = 3},
			.programs = programs,
			.program_count = 2,
			.cgroups = cgroups,
			.cgroup_count = 7,
		},
	.node = "n\"1",
	.readers_open = 1,
	.readers_free = 1,
	.missed_known = true,
	.missed = {.counting = true,
		   .count = 1,
		   .hooks = {{.name = "read_exit", .missed = 7, .runs = 9, .run_ns = 1500000000}}},
	.collector_ns = 2500000,
	.self = {.cpu_us = 1250000, .start_s = 1001, .resident = 4096, .max_fds = UINT64_MAX},
};

static char *write_page(enum metrics_format format)
{
	/* Beside an older report these are always as they are now. */
	const struct metrics_now now = {
		.considered = 3,
		.unix_ns = 2000 * S + 5,
		.blind = report.resolution_s ? "not loaded" : NULL,
	};
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	ck_assert_ptr_nonnull(stream);
	ck_assert_int_eq(metrics_write(stream, format, &now, &report), 0);
	fclose(stream);
	return text;
}

static bool has_line(const char *page, const char *line)
{
	size_t length = strlen(line);
	const char *at = page;

	while ((at = strstr(at, line))) {
		if ((at == page || at[-1] == '\n') && at[length] == '\n')
			return true;
		at++;
	}
	return false;
}

/* Lines of both formats. */
/* NOLINTBEGIN(bugprone-suspicious-missing-comma): the lines are longer than ours */
static const char *const exact_lines[] = {
	"# TYPE gitpod_acitivity_heartbeat_currently_considered_pids gauge",
	"gitpod_acitivity_heartbeat_currently_considered_pids 3",
	"activity_heartbeat_beats_total{program=\"ed\"} 12",
	"activity_heartbeat_beats_total{program=\"a\\\"\\\\%0A%FF\xc3\xbc\"} 13",
	"activity_heartbeat_last_beat_timestamp_seconds{program=\"ed\"} 1021.000000500",
	"activity_heartbeat_cgroup_last_beat_timestamp_seconds{cgroup=\"/docker-" CONTAINER
	".scope\",container_id=\"" CONTAINER "\",pod_uid=\"\"} 1030.000000000",
	"activity_heartbeat_cgroup_last_beat_timestamp_seconds{cgroup=\"/session-3.scope\",container_id=\"\",pod_uid=\"\"} 1033.000000000",
	"activity_heartbeat_cgroup_last_beat_timestamp_seconds{cgroup=\"/user-1000.slice\",container_id=\"\",pod_uid=\"\"} 1045.000000000",
	"activity_heartbeat_last_key_timestamp_seconds{program=\"ed\"} 1019.000000007",
	"activity_heartbeat_cgroup_last_key_timestamp_seconds{cgroup=\"/session-3.scope\",container_id=\"\",pod_uid=\"\"} 1031.000000000",
	"activity_heartbeat_cgroup_last_key_timestamp_seconds{cgroup=\"/user-1000.slice\",container_id=\"\",pod_uid=\"\"} 1041.000000000",
	"activity_heartbeat_cgroups_refused_total 3",
	"activity_heartbeat_lost_total{reader=\"0\"} 0",
	"activity_heartbeat_lost_total{reader=\"1\"} 5",
	"activity_heartbeat_readers{state=\"open\"} 1",
	"activity_heartbeat_readers{state=\"orphaned\"} 0",
	"activity_heartbeat_readers{state=\"free\"} 1",
	"activity_heartbeat_collected_total 8",
	"activity_heartbeat_collector_duration_seconds 0.002500000",
	"activity_heartbeat_hook_info{hook=\"tracepoint\",rule=\"any\"} 1",
	"activity_heartbeat_watching_since_timestamp_seconds 1020.000000000",
	"activity_heartbeat_hooks_alive 1",
	"activity_heartbeat_hook_fallback_info{reason=\"fentry: not \\\"permitted\\\"\\\\xe2\\\\x80\\\\xae\"} 1",
	"activity_heartbeat_cgroup_active_timestamp_seconds{cgroup=\"/docker-" CONTAINER
	".scope\",container_id=\"" CONTAINER "\",pod_uid=\"\"} 1020.000000000",
	"activity_heartbeat_cgroup_active_timestamp_seconds{cgroup=\"/session-3.scope\",container_id=\"\",pod_uid=\"\"} 1031.000000000",
	"activity_heartbeat_cgroup_active_timestamp_seconds{cgroup=\"/user-1000.slice\",container_id=\"\",pod_uid=\"\"} 1041.000000000",
	"activity_heartbeat_active_timestamp_seconds 1041.000000000",
	"activity_heartbeat_doubt_until_timestamp_seconds 0",
	"activity_heartbeat_as_of_timestamp_seconds 1050.000000000",
	"activity_heartbeat_resolution_seconds 0",
	"activity_heartbeat_time_seconds 2000.000000005",
	"activity_heartbeat_missed_total{hook=\"read_exit\"} 7",
	"activity_heartbeat_program_runs_total{hook=\"read_exit\"} 9",
	"activity_heartbeat_program_run_seconds_total{hook=\"read_exit\"} 1.500000000",
	"process_cpu_seconds_total 1.250000",
	"process_resident_memory_bytes 4096",
	"process_max_fds +Inf",
};
/* NOLINTEND(bugprone-suspicious-missing-comma) */

enum { EXACT_LINES = sizeof(exact_lines) / sizeof(exact_lines[0]) };

START_TEST(test_exact)
{
	char *page = write_page(_i ? METRICS_OPENMETRICS : METRICS_TEXT);

	for (size_t i = 0; i < EXACT_LINES; i++)
		ck_assert_msg(has_line(page, exact_lines[i]), "no line %s", exact_lines[i]);
	ck_assert_ptr_nonnull(strstr(page, ",loaded=\"1.2\\\"3\",node=\"n\\\"1\"} 1\n"));
	ck_assert_ptr_null(strstr(page, "reader=\"2\""));
	ck_assert_ptr_null(strstr(page, "never.slice"));
	ck_assert_ptr_null(strstr(page, "unknown.slice"));
	ck_assert_ptr_null(strstr(page, "{cgroup=\"/\""));
	/* What never had a beat or key has no time of one. */
	ck_assert_ptr_null(strstr(page, "last_beat_timestamp_seconds{program=\"a"));
	ck_assert_ptr_null(strstr(page, "last_key_timestamp_seconds{program=\"a"));
	ck_assert_ptr_null(strstr(page, "last_key_timestamp_seconds{cgroup=\"/docker"));
	/* All that a user does is one workspace. */
	ck_assert_ptr_null(strstr(page, "only-keys"));
	free(page);
}
END_TEST

/* Rounded down to 8 s of boot time, and no user's number. */
START_TEST(test_coarse)
{
	static const char *const lines[] = {
		"gitpod_acitivity_heartbeat_currently_considered_pids 3",
		"activity_heartbeat_watching_since_timestamp_seconds 1016",
		"activity_heartbeat_hooks_alive 0",
		"activity_heartbeat_cgroup_active_timestamp_seconds{cgroup=\"/session-3.scope\",container_id=\"\",pod_uid=\"\"} 1024",
		"activity_heartbeat_cgroup_active_timestamp_seconds{cgroup=\"/\",container_id=\"\",pod_uid=\"\"} 1040",
		"activity_heartbeat_active_timestamp_seconds 1040",
		"activity_heartbeat_doubt_until_timestamp_seconds +Inf",
		"activity_heartbeat_as_of_timestamp_seconds 1048",
		"activity_heartbeat_resolution_seconds 8",
		"activity_heartbeat_last_beat_timestamp_seconds{program=\"ed\"} 1016",
		"activity_heartbeat_last_key_timestamp_seconds{program=\"ed\"} 1016",
		"activity_heartbeat_cgroup_last_beat_timestamp_seconds{cgroup=\"/session-3.scope\",container_id=\"\",pod_uid=\"\"} 1032",
		"activity_heartbeat_cgroup_last_beat_timestamp_seconds{cgroup=\"/\",container_id=\"\",pod_uid=\"\"} 1040",
		"activity_heartbeat_cgroup_last_key_timestamp_seconds{cgroup=\"/session-3.scope\",container_id=\"\",pod_uid=\"\"} 1024",
		"activity_heartbeat_cgroup_last_key_timestamp_seconds{cgroup=\"/\",container_id=\"\",pod_uid=\"\"} 1040",
	};
	char *page;

	report_coarsen(&report);
	page = write_page(METRICS_TEXT);

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_msg(has_line(page, lines[i]), "no line %s", lines[i]);
	ck_assert_ptr_null(strstr(page, "1000"));
	free(page);
}
END_TEST

/* What the two formats call a counter and an info differs; so does the end. */
START_TEST(test_formats)
{
	char *text = write_page(METRICS_TEXT);
	char *openmetrics = write_page(METRICS_OPENMETRICS);

	ck_assert(has_line(text, "# TYPE activity_heartbeat_beats_total counter"));
	ck_assert(has_line(text, "# TYPE activity_heartbeat_hook_info gauge"));
	ck_assert_ptr_null(strstr(text, "# EOF"));
	ck_assert(has_line(openmetrics, "# TYPE activity_heartbeat_beats counter"));
	ck_assert(has_line(openmetrics, "# TYPE activity_heartbeat_hook info"));
	ck_assert_str_eq(openmetrics + strlen(openmetrics) - strlen("\n# EOF\n"), "\n# EOF\n");
	ck_assert_str_eq(metrics_content_type(METRICS_TEXT),
			 "text/plain; version=0.0.4; charset=utf-8");
	ck_assert_str_eq(metrics_content_type(METRICS_OPENMETRICS),
			 "application/openmetrics-text; version=1.0.0; charset=utf-8");
	free(text);
	free(openmetrics);
}
END_TEST

/* Each sample belongs to the HELP and TYPE lines right before, as the formats demand. */
START_TEST(test_form)
{
	char family[128] = "";
	int samples = 0;
	char *state;
	char *page;

	if (_i)
		report_coarsen(&report);
	page = write_page(METRICS_TEXT);
	ck_assert_int_eq(page[strlen(page) - 1], '\n');
	for (char *line = strtok_r(page, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		if (strncmp(line, "# HELP ", 7) == 0) {
			ck_assert_int_eq(sscanf(line, "# HELP %127s", family), 1);
			samples = 0;
		} else if (strncmp(line, "# TYPE ", 7) == 0) {
			ck_assert_int_eq(strncmp(line + 7, family, strlen(family)), 0);
			ck_assert_int_eq(samples, 0);
		} else {
			ck_assert_int_eq(strncmp(line, family, strlen(family)), 0);
			ck_assert_ptr_nonnull(strchr("{ ", line[strlen(family)]));
			samples++;
		}
	}
	ck_assert_int_eq(samples, 1);
	free(page);
}
END_TEST

Suite *metrics_suite(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tcase = tcase_create("metrics");

	tcase_add_loop_test(tcase, test_exact, 0, 2);
	tcase_add_test(tcase, test_coarse);
	tcase_add_test(tcase, test_formats);
	tcase_add_loop_test(tcase, test_form, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
