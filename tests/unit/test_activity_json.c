// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The document of /activity: reader/activity/activity_json.c */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "reader/activity/activity_json.h"
#include "reader/array.h"
#include "reader/maps/busy.h"
#include "reader/maps/coarsen.h"
#include "tests/unit/fixture.h"
#include "tests/unit/suites.h"

static struct snapshot *const snapshot = &fixture_report.snapshot;

static char *print(const char *selector, const char *value, int expected)
{
	struct activity_query query = {.by = ACTIVITY_NODE};
	char *text = NULL;
	size_t length;
	FILE *stream;

	if (selector)
		ck_assert_int_eq(activity_query_add(&query, selector, value), 0);
	stream = open_memstream(&text, &length);
	ck_assert_ptr_nonnull(stream);
	ck_assert_int_eq(activity_json_write(stream, &fixture_report, &query, 0), expected);
	fclose(stream);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_gt(length, 0);
	ck_assert(text[length - 1] == '\n' && !memchr(text, '\n', length - 1));
	return text;
}

static void add_secrets(void)
{
	add_process(99991, "<script>", 1503, 5005, fixture_id("/user-1000.slice"));
	add_process(99992, "vim", 1503, 5002, fixture_id(SCOPE));
	snapshot->processes[0].record.uid = 99993;
	snapshot->processes[0].record.tty = 136 << 20 | 77;
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
}

START_TEST(test_exact)
{
	char *text;

	add_secrets();
	text = print(NULL, NULL, 0);
	ck_has(text, "{\"v\":1,\"type\":\"activity\",\"node\":\"");
	ck_has(text,
	       "\"rule\":\"any\",\"source\":\"key\",\"watching_since_ns\":1700001000000000123");
	ck_has(text, "\"select\":null,\"last_activity_ns\":1700005005000000123,");
	ck_has(text,
	       "\"because\":\"key\",\"idle_seconds\":4995.000,\"program\":\"<script>\",\"pid\":99991,\"doubt\":null");
	ck_has(text, "\"container\":\"" CONTAINER "\"");
	ck_has(text, "\"path\":\"/user-1000.slice\"");
	ck_has(text, "\"processes\":[{\"pid\":99992,\"program\":\"vim\"");
	free(text);
	text = print("pid", "99992", -ENOENT);
	ck_has(text, "{\"v\":1,\"type\":\"error\",\"error\":\"process 99992 does not count");
	free(text);
}
END_TEST

/* A busy program, in the container. */
static void add_work(void)
{
	struct snapshot_busy *busy = array_append(snapshot->busy, snapshot->busy_count);

	ck_assert_ptr_nonnull(busy);
	*busy = (struct snapshot_busy){
		.record = {.start = 9280 * S,
			   .cgroup_id = fixture_id(SCOPE),
			   .account_id = fixture_id(SCOPE),
			   .pid = 99994,
			   .command = "make"},
	};
	snapshot->meta.busy_for = 6 * 60 * 60;
}

START_TEST(test_busy)
{
	char *text;

	add_secrets();
	add_work();
	ck_assert_int_eq(busy_place(snapshot), 0);
	text = print("container", CONTAINER, 0);
	ck_has(text, "\"last_activity_ns\":1700005002000000123,");
	ck_has(text, "\"since_ns\":1700010000000000123,");
	ck_has(text,
	       "\"because\":\"busy\",\"idle_seconds\":0.000,\"busy_until_ns\":1700026602000000123,\"busy_until\":\"2023-11-15T05:36:42.000000123Z\",\"program\":\"make\",\"pid\":99994,\"doubt\":null,\"cgroups\":[{");
	ck_has(text, "\"path\":\"" SCOPE "\",\"container\":\"" CONTAINER
		     "\",\"pod\":null,\"last_activity_ns\":1700005002000000123");
	free(text);
	report_coarsen(&fixture_report);
	text = print("container", CONTAINER, 0);
	/* It must not end early: 5000 s, 6 h and 8 s. */
	ck_has(text,
	       "\"because\":\"busy\",\"idle_seconds\":0,\"busy_until_ns\":1700026608000000000,\"busy_until\":\"2023-11-15T05:36:48.000000000Z\",\"doubt\":null");
	ck_has_not(text, "make");
	ck_has_not(text, "99994");
	free(text);
}
END_TEST

/* What anybody sees if the last key was at @ns and the report was taken at @taken_at. */
static char *print_coarse(uint64_t ns, uint64_t taken_at)
{
	fixture_end();
	fixture_start();
	add_secrets();
	snapshot->processes[0].record.last_key = ns;
	fixture_cgroup("/user-1000.slice")->last_key = ns;
	snapshot->taken_at = taken_at;
	report_coarsen(&fixture_report);
	return print(NULL, NULL, 0);
}

START_TEST(test_coarse)
{
	char *text = print_coarse(5005 * S, NOW * S);
	char *again;

	ck_has_not(text, "\"pid\"");
	ck_has_not(text, "\"program\"");
	ck_has_not(text, "\"processes\"");
	ck_has_not(text, "user-1000");
	/* What a user did is told of the group above. */
	ck_has(text, "\"id\":1,\"path\":\"/\",\"container\":null");
	ck_has_not(text, "\"path\":null");
	ck_has(text, "\"path\":\"" SCOPE "\",\"container\":\"" CONTAINER "\"");
	/* 5005 s become 5000 s. */
	ck_has(text, "\"last_activity_ns\":1700005000000000000,");
	ck_has(text, "\"because\":\"key\",\"idle_seconds\":4992,\"doubt\":null");
	/* Keys that are some seconds apart cannot be told apart. */
	for (uint64_t second = 5000; second < 5008; second++) {
		again = print_coarse(second * S + 999, NOW * S + second);
		ck_assert_str_eq(again, text);
		free(again);
	}
	again = print_coarse(5008 * S, NOW * S);
	ck_assert_str_ne(again, text);
	free(again);
	free(text);
}
END_TEST

/* An id leads to the path, /sys/fs/cgroup has it, so it is withheld with it. */
START_TEST(test_coarse_id_of_withheld_path)
{
	char *text;

	/* The group above has no record, because the map was full: it may be that of a user. */
	add_process(99991, "vim", 1503, 5005, fixture_id(SCOPE));
	fixture_cgroup(SCOPE)->parent_id = UNRECORDED;
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	text = print(NULL, NULL, 0);
	ck_has_not(text, "\"id\":null");
	ck_has(text, "\"path\":null");
	free(text);
	report_coarsen(&fixture_report);
	text = print(NULL, NULL, 0);
	ck_has(text, "\"id\":null,\"path\":null");
	free(text);
}
END_TEST

START_TEST(test_coarse_idle_is_never_too_long)
{
	for (uint64_t ms = 0; ms < 40000; ms += 499) {
		uint64_t key = 9000 * S + ms * (S / 1000) / 2;
		uint64_t now = 9000 * S + ms * (S / 1000);
		char *text = print_coarse(key, now);
		unsigned int idle;

		ck_assert_int_eq(sscanf(strstr(text, "\"idle_seconds\":"), "\"idle_seconds\":%u",
					&idle),
				 1);
		ck_assert_uint_le(idle * S, now - key);
		ck_assert_uint_ge((idle + 16) * S, now - key);
		free(text);
	}
}
END_TEST

/* Rounding puts the start of a program and its first key at one time: it is the key that counts. */
START_TEST(test_coarse_ties)
{
	char *text;

	add_process(1, "vim", 5001, 5003, fixture_id("/a"));
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	report_coarsen(&fixture_report);
	text = print(NULL, NULL, 0);
	ck_has(text, "\"since_ns\":1700005000000000000,");
	ck_has(text, "\"because\":\"key\"");
	free(text);
}
END_TEST

START_TEST(test_selected)
{
	char *text;

	add_secrets();
	text = print("cgroup", "/ab", 0);
	ck_has(text,
	       "\"select\":{\"cgroup\":\"/ab\"},\"last_activity_ns\":null,\"last_activity\":null");
	ck_has(text, "\"because\":\"load\",\"idle_seconds\":9000.000");
	ck_has(text, "\"cgroups\":[]}");
	free(text);
	snapshot->stats[HB_STAT_UNPLACED_AT] = 1;
	text = print("cgroup", "/ab", 0);
	ck_has(text, "\"idle_seconds\":null");
	ck_has(text, "\"doubt\":\"a program ended unseen");
	free(text);
	report_coarsen(&fixture_report);
	text = print("container", CONTAINER, 0);
	ck_has(text,
	       "\"select\":{\"container\":\"" CONTAINER "\"},\"last_activity_ns\":1700005000");
	ck_has_not(text, "\"path\":null");
	free(text);
}
END_TEST

Suite *activity_json_suite(void)
{
	Suite *suite = suite_create("activity_json");
	TCase *tcase = tcase_create("activity_json");

	tcase_add_checked_fixture(tcase, fixture_start, fixture_end);
	tcase_add_test(tcase, test_exact);
	tcase_add_test(tcase, test_busy);
	tcase_add_test(tcase, test_coarse);
	tcase_add_test(tcase, test_coarse_id_of_withheld_path);
	tcase_add_test(tcase, test_coarse_idle_is_never_too_long);
	tcase_add_test(tcase, test_coarse_ties);
	tcase_add_test(tcase, test_selected);
	suite_add_tcase(suite, tcase);
	return suite;
}
