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
#include "reader/maps/cgroup_tree.h"
#include "reader/maps/coarsen.h"
#include "reader/page/page.h"
#include "tests/unit/fixture.h"
#include "tests/unit/suites.h"

enum { PID = 7171717, UID = 5656565, TTY = 136 << 20 | 7777 };

static const uint64_t offset = 1700000000 * S + 444444444;

/* Exact times: each is in the middle of 8 seconds of its own, which nothing else is in. */
#define TIME(n) (7000004 * S + (n)*888 * S + 123456789)

/* What idle time counts from comes after the last key: so all are in some output. */
enum {
	AT_LOAD,
	AT_CHANGE,
	AT_START,
	AT_BEAT,
	AT_KEY,
	AT_OPENED,
	AT_BIRTH,
	AT_CGROUP_BEAT,
	AT_CGROUP_KEY,
	AT_CGROUP_OPENED,
	AT_PROGRAM_BEAT,
	AT_PROGRAM_KEY,
	AT_PROGRAM_OPENED,
	AT_NOW,
	TIMES
};

static const char *const names[] = {"7171717", "5656565", "pts/7777", "user-1000", "secretname"};

static struct history *history;

static void fill(void)
{
	struct snapshot *snapshot = &fixture_report.snapshot;
	struct hb_process *process;
	struct hb_cgroup *cgroup;

	snapshot->taken_at = TIME(AT_NOW);
	snapshot->offset_ns = offset;
	snapshot->meta.loaded_at = TIME(AT_LOAD);
	snapshot->meta.changed_at = TIME(AT_CHANGE);
	process = add_process(PID, "vim", 0, 0, fixture_id("/user-1000.slice"));
	process->uid = UID;
	process->tty = TTY;
	process->start = TIME(AT_START);
	process->opened_at = TIME(AT_OPENED);
	process->last_beat = process->seen = TIME(AT_BEAT);
	process->last_key = TIME(AT_KEY);
	cgroup = fixture_cgroup("/a");
	cgroup->opened_at = TIME(AT_CGROUP_OPENED);
	cgroup->last_beat = TIME(AT_CGROUP_BEAT);
	cgroup->last_key = TIME(AT_CGROUP_KEY);
	cgroup = fixture_cgroup("/ab");
	cgroup->birth = TIME(AT_BIRTH);
	cgroup->beats = 1;
	add_program("ed", 0, 0);
	snapshot->programs[0].opened_at = TIME(AT_PROGRAM_OPENED);
	snapshot->programs[0].last_beat = TIME(AT_PROGRAM_BEAT);
	snapshot->programs[0].last_key = TIME(AT_PROGRAM_KEY);
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
	struct activity_query node = {.by = ACTIVITY_NODE};
	const struct metrics_now now = {.considered = 1};
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
	ck_assert_int_eq(metrics_write(stream, METRICS_TEXT, &now, &fixture_report), 0);
	ck_assert_int_eq(metrics_write(stream, METRICS_OPENMETRICS, &now, &fixture_report), 0);
	ck_assert_int_eq(activity_json_write(stream, &fixture_report, &node, 0), 0);
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		struct activity_query query = {.by = ACTIVITY_NODE};

		ck_assert_int_eq(activity_query_add(&query, queries[i].selector, queries[i].value),
				 0);
		ck_assert_int_eq(activity_json_write(stream, &fixture_report, &query, 0), 0);
	}
	health_write(stream, &fixture_report.snapshot, NULL);
	ck_assert_int_eq(page_write(stream, &page), 0);
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
	struct hb_process *process;

	add_program("vim", 0, 0);
	process = add_process(PID, "vim", 0, 0, UNRECORDED);
	snapshot->programs[0].last_beat = times[_i].exact;
	snapshot->programs[0].last_key = times[_i].exact;
	snapshot->programs[0].opened_at = times[_i].exact;
	*fixture_cgroup("/a") = (struct hb_cgroup){
		.parent_id = fixture_id("/"),
		.birth = times[_i].exact,
		.opened_at = times[_i].exact,
		.last_beat = times[_i].exact,
		.last_key = times[_i].exact,
		.name = "a",
	};
	process->start = times[_i].exact;
	process->opened_at = times[_i].exact;
	process->last_beat = times[_i].exact;
	process->last_key = times[_i].exact;
	snapshot->meta.loaded_at = times[_i].exact;
	snapshot->meta.updated_at = times[_i].exact;
	snapshot->meta.changed_at = times[_i].exact;
	snapshot->stats[HB_STAT_UNPLACED_AT] = times[_i].exact;
	report_coarsen(&fixture_report);
	process = &snapshot->processes[0].record;
	ck_assert_uint_eq(snapshot->programs[0].last_beat, coarse);
	ck_assert_uint_eq(snapshot->programs[0].last_key, coarse);
	ck_assert_uint_eq(snapshot->programs[0].opened_at, coarse);
	ck_assert_uint_eq(fixture_cgroup("/a")->birth, coarse);
	ck_assert_uint_eq(fixture_cgroup("/a")->opened_at, coarse);
	ck_assert_uint_eq(fixture_cgroup("/a")->last_beat, coarse);
	ck_assert_uint_eq(fixture_cgroup("/a")->last_key, coarse);
	ck_assert_uint_eq(process->start, coarse);
	ck_assert_uint_eq(process->opened_at, coarse);
	ck_assert_uint_eq(process->last_beat, coarse);
	ck_assert_uint_eq(process->last_key, coarse);
	ck_assert_uint_eq(snapshot->meta.loaded_at, coarse);
	ck_assert_uint_eq(snapshot->meta.updated_at, coarse);
	ck_assert_uint_eq(snapshot->meta.changed_at, coarse);
	ck_assert_uint_eq(snapshot->stats[HB_STAT_UNPLACED_AT], coarse);
	ck_assert_uint_eq(snapshot->offset_ns, 1700000000 * S);
	ck_assert_uint_eq(fixture_report.resolution_s, 8);
}
END_TEST

static uint64_t user, session, deep;

/* A user's group, one of his own manager in it, and groups with names that tell nothing. */
static void add_users(void)
{
	struct snapshot *snapshot = &fixture_report.snapshot;

	user = fixture_id("/user-1000.slice");
	session = add_cgroup(user, "user@1000.service");
	deep = add_cgroup(add_cgroup(session, "app.slice"), "secret-app");
	for (uint64_t id = user; id <= deep; id++) {
		struct hb_cgroup *record = &snapshot_find_cgroup(snapshot, id)->record;

		record->beats = 1ULL << (id - user);
		record->birth = 9000 * S;
		record->opened_at = 3000 * S;
		record->last_beat = (4000 + id) * S;
		record->last_key = 5000 * S;
	}
	snapshot_find_cgroup(snapshot, deep)->record.last_key = 8000 * S;
	fixture_cgroup("/")->beats = 1000;
	add_process(PID, "vim", 2000, 7000, deep)->beats = 16;
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
}

/* The group above has all that they did, once, but not their births. */
START_TEST(test_hide_users)
{
	struct snapshot *snapshot = &fixture_report.snapshot;
	size_t before;

	add_users();
	before = snapshot->cgroup_count;
	report_coarsen(&fixture_report);
	ck_assert_uint_eq(snapshot->cgroup_count, before - 4);
	for (uint64_t id = user; id <= deep; id++)
		ck_assert_ptr_null(snapshot_find_cgroup(snapshot, id));
	ck_assert_uint_eq(fixture_cgroup("/")->beats, 1000 + 1 + 2 + 4 + 8 + 16);
	ck_assert_uint_eq(fixture_cgroup("/")->last_key, 8000 * S);
	ck_assert_uint_eq(fixture_cgroup("/")->last_beat, 7000 * S);
	ck_assert_uint_eq(fixture_cgroup("/")->opened_at, 3000 * S);
	ck_assert_uint_eq(fixture_cgroup("/")->birth, 0);
	ck_assert_uint_eq(snapshot->processes[0].record.cgroup_id, fixture_id("/"));
	ck_assert_uint_eq(snapshot->processes[0].record.account_id, fixture_id("/"));
	ck_assert_uint_eq(fixture_cgroup("/a")->beats, 0);
	ck_assert_uint_eq(fixture_id(SCOPE "/init"), fixture_id(SCOPE) + 1);
}
END_TEST

/* One below another: both go, to the group above the upper. */
START_TEST(test_hide_nested_users)
{
	struct snapshot *snapshot = &fixture_report.snapshot;
	uint64_t pod = fixture_id("/pod");
	uint64_t outer = add_cgroup(pod, "user-1.slice");
	uint64_t between = add_cgroup(outer, "machine");
	uint64_t inner = add_cgroup(between, "user-2.slice");

	snapshot_find_cgroup(snapshot, inner)->record.last_key = 8000 * S;
	snapshot_find_cgroup(snapshot, inner)->record.beats = 3;
	snapshot_find_cgroup(snapshot, outer)->record.beats = 5;
	report_coarsen(&fixture_report);
	ck_assert_ptr_null(snapshot_find_cgroup(snapshot, outer));
	ck_assert_ptr_null(snapshot_find_cgroup(snapshot, between));
	ck_assert_ptr_null(snapshot_find_cgroup(snapshot, inner));
	ck_assert_uint_eq(fixture_cgroup("/pod")->last_key, 8000 * S);
	ck_assert_uint_eq(fixture_cgroup("/pod")->beats, 8);
	ck_assert_uint_eq(fixture_cgroup("/")->beats, 0);
}
END_TEST

/* What /activity says of it: the node and all groups are as active as they were. */
START_TEST(test_hidden_users_count)
{
	static const char *const secrets[] = {"user-", "user@", "app.slice", "secret", "7171717"};
	char *text;

	add_users();
	report_coarsen(&fixture_report);
	text = write_all();
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		ck_assert_msg(!strstr(text, secrets[i]), "%s is shown", secrets[i]);
	ck_assert_ptr_nonnull(strstr(
		text,
		"{\"id\":1,\"path\":\"/\",\"container\":null,\"pod\":null,\"last_activity_ns\":1700008000000000000,"));
	free(text);
}
END_TEST

/* Records that no kernel makes: nothing of them has a path, and it ends. */
/* A tenant could fill the memory of the server with them. */
START_TEST(test_hide_long_paths)
{
	struct snapshot *snapshot = &fixture_report.snapshot;
	uint64_t id = fixture_id("/a");
	uint64_t last_shown = 0;
	char name[101] = "";
	size_t deepest = 0;

	memset(name, 'x', sizeof(name) - 1);
	for (int i = 0; i < 300; i++) {
		id = add_cgroup(id, name);
		snapshot_find_cgroup(snapshot, id)->record.beats = 1;
		snapshot_find_cgroup(snapshot, id)->record.last_key = (5000 + 8 * (uint64_t)i) * S;
	}
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	report_coarsen(&fixture_report);
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		char path[CGROUP_PATH_MAX];

		ck_assert_int_eq(cgroup_tree_path(snapshot, snapshot->cgroups[i].id, path), 0);
		if (strlen(path) > deepest) {
			deepest = strlen(path);
			last_shown = snapshot->cgroups[i].id;
		}
	}
	ck_assert_uint_le(deepest, 512);
	ck_assert_uint_gt(deepest, 512 - sizeof(name) - 1);
	/* It has the activity of all below it. */
	ck_assert_uint_eq(snapshot_find_cgroup(snapshot, last_shown)->record.last_key,
			  (5000 + 8 * 299) * S);
	ck_assert_uint_eq(snapshot_find_cgroup(snapshot, last_shown)->record.beats, 300 - 4);
}
END_TEST

START_TEST(test_hide_users_in_a_cycle)
{
	struct snapshot *snapshot = &fixture_report.snapshot;
	char path[CGROUP_PATH_MAX];

	add_users();
	snapshot_find_cgroup(snapshot, user)->record.parent_id = deep;
	report_coarsen(&fixture_report);
	for (uint64_t id = user; id <= deep; id++)
		ck_assert_int_lt(cgroup_tree_path(snapshot, id, path), 0);
	ck_assert_uint_eq(fixture_cgroup("/")->beats, 1000);
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

	tcase_add_checked_fixture(tcase, start, end);
	tcase_add_test(tcase, test_nothing_exact);
	tcase_add_loop_test(tcase, test_rounding, 0, (int)(sizeof(times) / sizeof(times[0])));
	tcase_add_test(tcase, test_hide_users);
	tcase_add_test(tcase, test_hide_nested_users);
	tcase_add_test(tcase, test_hidden_users_count);
	tcase_add_test(tcase, test_hide_long_paths);
	tcase_add_test(tcase, test_hide_users_in_a_cycle);
	suite_add_tcase(suite, tcase);
	return suite;
}
