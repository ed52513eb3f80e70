// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What anybody may see, in all formats: reader/maps/coarsen.c */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "bpf/lib/clock.h"
#include "reader/activity/activity_json.h"
#include "reader/http/health.h"
#include "reader/http/metrics.h"
#include "reader/maps/coarsen.h"
#include "reader/page/page.h"
#include "tests/unit/fixture.h"
#include "tests/unit/suites.h"

enum { PID = 7171717, UID = 5656565, TTY = 136 << 20 | 7777 };

static const uint64_t offset = 1700000000 * S + 444444444;

/* Exact times: each is in the middle of 8 seconds of its own, which nothing else is in. */
#define TIME(n) (7000004 * S + (n)*888 * S + 123456789)

enum {
	AT_LOAD,
	AT_UPDATE,
	AT_START,
	AT_BEAT,
	AT_KEY,
	AT_CGROUP_KEY,
	AT_CGROUP_BEAT,
	AT_PROGRAM,
	AT_NOW,
	TIMES
};

static const char *const names[] = {"7171717", "5656565", "pts/7777", "user-1000", "secretname"};

static struct history *history;

static void fill(void)
{
	struct snapshot *snapshot = &fixture_report.snapshot;
	struct hb_process *process;

	snapshot->taken_at = TIME(AT_NOW);
	snapshot->offset_ns = offset;
	snapshot->meta.loaded_at = TIME(AT_LOAD);
	snapshot->meta.updated_at = TIME(AT_UPDATE);
	add_process(PID, "vim", 0, 0, 0, fixture_id("/user-1000.slice"));
	process = &snapshot->processes[0].record;
	process->uid = UID;
	process->tty = TTY;
	process->start = TIME(AT_START);
	process->last_beat = process->seen = TIME(AT_BEAT);
	process->last_key = TIME(AT_KEY);
	add_cgroup(fixture_id("/user-1000.slice"), "user-1000.slice", 0, 0);
	add_cgroup(HIDDEN, "user-1000.slice", 0, 0);
	add_cgroup(fixture_id("/a"), "a", 0, 0);
	snapshot->cgroups[2].record.last_beat = TIME(AT_CGROUP_BEAT);
	snapshot->cgroups[2].record.last_key = TIME(AT_CGROUP_KEY);
	add_program("ed", 0);
	snapshot->programs[0].last_beat = snapshot->programs[0].last_ended = TIME(AT_PROGRAM);
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	/* The names of programs are public, those of processes are not. */
	strcpy(process->command, "secretname");
	ck_assert_int_eq(history_add(history, snapshot), 0);
}

/* All that is made of the report, in every format. */
static char *write_all(void)
{
	static const struct {
		const char *selector;
		const char *value;
	} queries[] = {{"cgroup", "/"}, {"cgroup", "/a"}, {"container", CONTAINER}};
	const struct activity_query node = {.by = ACTIVITY_NODE};
	const struct metrics_now now = {.considered = 1, .hooks_alive = true};
	const struct page page = {
		.node = "node",
		.nonce = "01",
		.now = (TIME(AT_NOW) / S + 100) * S,
		.report = &fixture_report,
		.history = history,
	};
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	ck_assert_ptr_nonnull(stream);
	/* As if the hook told keys from other reads, and as if it did not. */
	for (uint32_t flags = 0; flags <= HB_META_KEYS; flags++) {
		fixture_report.snapshot.meta.flags = flags;
		ck_assert_int_eq(metrics_write(stream, METRICS_TEXT, &now, &fixture_report), 0);
		ck_assert_int_eq(metrics_write(stream, METRICS_OPENMETRICS, &now, &fixture_report),
				 0);
		ck_assert_int_eq(activity_json_write(stream, &fixture_report, &node, fixture_tree),
				 0);
		for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
			struct activity_query query = {.by = ACTIVITY_NODE};

			ck_assert_int_eq(activity_query_add(&query, queries[i].selector,
							    queries[i].value),
					 0);
			ck_assert_int_eq(activity_json_write(stream, &fixture_report, &query,
							     fixture_tree),
					 0);
		}
		health_write(stream, &fixture_report.snapshot, NULL);
		ck_assert_int_eq(page_write(stream, &page), 0);
	}
	ck_assert_int_eq(fclose(stream), 0);
	return text;
}

/* Is @boot_ns in @text, in any form, to the second or finer? */
static bool shows_time(const char *text, uint64_t boot_ns)
{
	char rfc3339[CLOCK_RFC3339_LEN];
	char boot[32];
	char unix_s[32];

	snprintf(boot, sizeof(boot), "%" PRIu64, (uint64_t)(boot_ns / S));
	snprintf(unix_s, sizeof(unix_s), "%" PRIu64, (uint64_t)((boot_ns + offset) / S));
	clock_rfc3339(rfc3339, boot_ns + offset);
	rfc3339[strcspn(rfc3339, ".")] = '\0';
	return strstr(text, boot) || strstr(text, unix_s) || strstr(text, rfc3339);
}

START_TEST(test_nothing_exact)
{
	char *exact;
	char *coarse;

	fill();
	exact = write_all();
	report_coarsen(&fixture_report);
	coarse = write_all();
	for (uint64_t i = 0; i < TIMES; i++) {
		ck_assert_msg(shows_time(exact, TIME(i)), "time %" PRIu64 " is in no output", i);
		ck_assert_msg(!shows_time(coarse, TIME(i)), "time %" PRIu64 " is shown", i);
		/* The time that it was rounded to is there. */
		ck_assert(shows_time(coarse, TIME(i) / (8 * S) * 8 * S - offset % S) ||
			  i == AT_START);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_msg(strstr(exact, names[i]), "%s is in no output", names[i]);
		ck_assert_msg(!strstr(coarse, names[i]), "%s is shown", names[i]);
	}
	/* No fraction of a second is left. */
	ck_assert_ptr_nonnull(strstr(exact, "567901233"));
	ck_assert_ptr_null(strstr(coarse, "567901233"));
	ck_assert_ptr_null(strstr(coarse, "444444444"));
	free(exact);
	free(coarse);
}
END_TEST

static const struct {
	uint64_t exact;
	uint64_t coarse;
} times[] = {
	{0, 0},
	{8 * S - 1, 0},
	{8 * S, 8 * S},
	{23 * S + 5, 16 * S},
};

START_TEST(test_rounding)
{
	struct snapshot *snapshot = &fixture_report.snapshot;
	uint64_t coarse = times[_i].coarse;

	add_program("vim", 0);
	add_cgroup(HIDDEN, "x", 0, 0);
	add_process(PID, "vim", 0, 0, 0, HIDDEN);
	snapshot->programs[0].last_beat = times[_i].exact;
	snapshot->cgroups[0].record.last_key = times[_i].exact;
	snapshot->processes[0].record.start = times[_i].exact;
	report_coarsen(&fixture_report);
	ck_assert_uint_eq(snapshot->programs[0].last_beat, coarse);
	ck_assert_uint_eq(snapshot->cgroups[0].record.last_key, coarse);
	ck_assert_uint_eq(snapshot->processes[0].record.start, coarse);
	ck_assert_uint_eq(snapshot->offset_ns, 1700000000 * S);
	ck_assert_uint_eq(fixture_report.resolution_s, 8);
}
END_TEST

static void start(void)
{
	fixture_start();
	history = history_new();
	ck_assert_ptr_nonnull(history);
}

static void end(void)
{
	history_free(history);
	fixture_end();
}

Suite *coarsen_suite(void)
{
	Suite *suite = suite_create("coarsen");
	TCase *tcase = tcase_create("coarsen");

	tcase_add_unchecked_fixture(tcase, fixture_make_tree, fixture_remove_tree);
	tcase_add_checked_fixture(tcase, start, end);
	tcase_add_test(tcase, test_nothing_exact);
	tcase_add_loop_test(tcase, test_rounding, 0, (int)(sizeof(times) / sizeof(times[0])));
	suite_add_tcase(suite, tcase);
	return suite;
}
