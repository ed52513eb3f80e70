// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* When and where somebody was last active: reader/activity */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <check.h>

#include "reader/activity/activity.h"
#include "tests/unit/fixture.h"
#include "tests/unit/suites.h"

static struct snapshot *const snapshot = &fixture_report.snapshot;
static struct activity_answer answer;

static int find(const char *selector, const char *value)
{
	struct activity_query query = {.by = ACTIVITY_NODE};

	if (selector)
		ck_assert_int_eq(activity_query_add(&query, selector, value), 0);
	return activity_find(snapshot, &query, fixture_tree, &answer);
}

/* @seconds, because of @because, and without doubt. */
static void ck_since(const char *selector, const char *value, uint64_t seconds,
		     enum activity_since because)
{
	ck_assert_int_eq(find(selector, value), 0);
	ck_assert_str_eq(answer.doubt, "");
	ck_assert_uint_eq(answer.activity.since / S, seconds);
	ck_assert_int_eq(answer.activity.because, because);
}

static const struct {
	const char *selector;
	const char *value;
	int result;
} queries[] = {
	{"cgroup", "/", 0},
	{"cgroup", "/user.slice/user-1000.slice", 0},
	{"cgroup", "/a..b/...", 0},
	{"cgroup", "", -EINVAL},
	{"cgroup", "user.slice", -EINVAL},
	{"cgroup", "/user.slice/", -EINVAL},
	{"cgroup", "//", -EINVAL},
	{"cgroup", "/a//b", -EINVAL},
	{"cgroup", "/a/./b", -EINVAL},
	{"cgroup", "/a/../../etc", -EINVAL},
	{"cgroup", "/a/..", -EINVAL},
	{"cgroup", "/.", -EINVAL},
	{"container", CONTAINER, 0},
	{"container", "fedcba987654", 0},
	{"container", "fedcba98765", -EINVAL},
	{"container", CONTAINER "0", -EINVAL},
	{"container", "FEDCBA987654", -EINVAL},
	{"container", "", -EINVAL},
	{"pid", "1", 0},
	{"pid", "2147483647", 0},
	{"pid", "2147483648", -EINVAL},
	{"pid", "0", -EINVAL},
	{"pid", "-1", -EINVAL},
	{"pid", "1 ", -EINVAL},
	{"pid", "", -EINVAL},
	{"uid", "0", -ENOENT},
};

START_TEST(test_query)
{
	struct activity_query query = {.by = ACTIVITY_NODE};

	ck_assert_int_eq(activity_query_add(&query, queries[_i].selector, queries[_i].value),
			 queries[_i].result);
	if (queries[_i].result < 0)
		ck_assert_int_eq(query.by, ACTIVITY_NODE);
	else
		ck_assert_int_eq(activity_query_add(&query, "pid", "1"), -EINVAL);
}
END_TEST

START_TEST(test_nothing_seen)
{
	ck_since(NULL, NULL, LOADED, ACTIVITY_SINCE_LOAD);
	ck_assert_uint_eq(answer.activity.last, 0);
	/* A cgroup in which nobody ever typed. */
	ck_since("cgroup", "/a", LOADED, ACTIVITY_SINCE_LOAD);
	ck_since("container", "fedcba987654", LOADED, ACTIVITY_SINCE_LOAD);
	/* A later load may have changed the rule. */
	snapshot->meta.updated_at = 2000 * S;
	ck_since(NULL, NULL, 2000, ACTIVITY_SINCE_LOAD);
}
END_TEST

/* An editor that is typed into, and a pager whose pipe never rests. */
static void add_typing_and_reading(void)
{
	add_process(10, "vim", 1500, 5000, 4000, fixture_id("/a/sub"));
	add_process(11, "less", 1600, 9999, 0, fixture_id("/ab"));
	add_cgroup(fixture_id("/a/sub"), "sub", 3000, 3000);
	add_cgroup(fixture_id("/ab"), "ab", 0, 0);
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
}

START_TEST(test_reads_where_keys_are_not_known)
{
	add_typing_and_reading();
	ck_since(NULL, NULL, 9999, ACTIVITY_SINCE_READ);
	ck_assert_uint_eq(answer.activity.pid, 11);
	ck_assert_str_eq(answer.activity.program, "less");
	ck_assert_uint_eq(answer.activity.last, 9999 * S);
	ck_since("cgroup", "/a", 5000, ACTIVITY_SINCE_READ);
	ck_assert_uint_eq(answer.activity.pid, 10);
	ck_assert_uint_eq(answer.activity.cgroup_id, fixture_id("/a/sub"));
}
END_TEST

START_TEST(test_keys_where_they_are_known)
{
	snapshot->meta.flags = HB_META_KEYS;
	add_typing_and_reading();
	ck_since(NULL, NULL, 4000, ACTIVITY_SINCE_KEY);
	ck_assert_uint_eq(answer.activity.pid, 10);
	ck_since("cgroup", "/ab", 1600, ACTIVITY_SINCE_START);
	ck_assert_uint_eq(answer.activity.last, 0);
	ck_assert_uint_eq(answer.activity.pid, 11);
}
END_TEST

START_TEST(test_below_and_beside)
{
	add_typing_and_reading();
	ck_since("cgroup", "/a/sub", 5000, ACTIVITY_SINCE_READ);
	ck_since("cgroup", "/", 9999, ACTIVITY_SINCE_READ);
	ck_since("cgroup", "/pod", LOADED, ACTIVITY_SINCE_LOAD);
	ck_assert_int_eq(find("cgroup", "/a/su"), -ENOENT);
	ck_assert_msg(strstr(answer.doubt, "no control group /a/su"), "%s", answer.doubt);
}
END_TEST

START_TEST(test_cgroup_outlives_its_processes)
{
	add_cgroup(fixture_id("/a"), "a", 7000, 6000);
	ck_since("cgroup", "/a", 7000, ACTIVITY_SINCE_READ);
	ck_assert_uint_eq(answer.activity.pid, 0);
	ck_assert_str_eq(answer.activity.program, "");
	snapshot->meta.flags = HB_META_KEYS;
	ck_since("cgroup", "/a", 6000, ACTIVITY_SINCE_KEY);
}
END_TEST

START_TEST(test_container)
{
	add_cgroup(fixture_id(SCOPE "/init"), "init", 7000, 0);
	add_cgroup(fixture_id("/ab"), "ab", 8000, 0);
	ck_since("container", CONTAINER, 7000, ACTIVITY_SINCE_READ);
	ck_since("container", "fedcba9876543", 7000, ACTIVITY_SINCE_READ);
	ck_assert_int_eq(find("container", "0999916789ab"), -ENOENT);
	ck_assert_msg(strstr(answer.doubt, "no container 0999916789ab"), "%s", answer.doubt);
}
END_TEST

START_TEST(test_process)
{
	char me[16];

	snprintf(me, sizeof(me), "%d", getpid());
	add_process((uint32_t)getpid(), "vim", 1500, 5000, 0, HIDDEN);
	add_process(INT32_MAX, "vim", 1500, 9000, 0, HIDDEN);
	/* Records that did not fit are not those that are there. */
	snapshot->stats[HB_STAT_REFUSED_PROCESSES] = 1;
	ck_since("pid", me, 5000, ACTIVITY_SINCE_READ);
	snapshot->processes[0].record.last_beat = 0;
	ck_since("pid", me, 1500, ACTIVITY_SINCE_START);
	snapshot->processes[0].record.start = 0;
	ck_since("pid", me, LOADED, ACTIVITY_SINCE_LOAD);
	ck_assert_int_eq(find("pid", "1"), -ENOENT);
	ck_assert_msg(strstr(answer.doubt, "hb-read explain 1"), "%s", answer.doubt);
	/* No process has this number: its record waits for the collection. */
	ck_assert_int_eq(find("pid", "2147483647"), -ENOENT);
}
END_TEST

START_TEST(test_programs_remember_removed_cgroups)
{
	add_program("vim", 8000);
	add_process(10, "less", 1500, 9000, 2000, fixture_id("/a"));
	snapshot->meta.flags = HB_META_KEYS;
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	/* What lives has its own record: that of its program must not count its reads as keys. */
	ck_since(NULL, NULL, 8000, ACTIVITY_SINCE_READ);
	ck_assert_str_eq(answer.activity.program, "vim");
	ck_assert_uint_eq(answer.activity.pid, 0);
	ck_since("cgroup", "/", 2000, ACTIVITY_SINCE_KEY);
	snapshot->meta.rule = HB_RULE_KEYS;
	ck_since(NULL, NULL, 8000, ACTIVITY_SINCE_KEY);
	ck_assert_uint_eq(activity_last(snapshot), 8000 * S);
}
END_TEST

/* If hb-read is on the list its questions must not count as activity. */
START_TEST(test_own_name)
{
	char name[HB_COMM_LEN] = {0};

	prctl(PR_GET_NAME, name);
	add_process(10, name, 9999, 9999, 9999, fixture_id("/a"));
	add_program(name, 9999);
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_since(NULL, NULL, LOADED, ACTIVITY_SINCE_LOAD);
	ck_since("cgroup", "/a", LOADED, ACTIVITY_SINCE_LOAD);
}
END_TEST

START_TEST(test_doubts)
{
	struct activity_query query = {.by = ACTIVITY_NODE, .blind = "the hooks are gone"};

	ck_assert_int_eq(activity_find(snapshot, &query, fixture_tree, &answer), 0);
	ck_assert_str_eq(answer.doubt, "the hooks are gone");
	ck_assert_uint_eq(answer.doubt_until, UINT64_MAX);
	snapshot->stats[HB_STAT_REFUSED_CGROUPS] = 2;
	snapshot->stats[HB_STAT_REFUSED_PROCESSES] = 3;
	ck_assert_int_eq(find("cgroup", "/a"), 0);
	ck_assert_msg(strncmp(answer.doubt, "5 processes", 11) == 0, "%s", answer.doubt);
	snapshot->stats[HB_STAT_REFUSED_CGROUPS] = 0;
	snapshot->stats[HB_STAT_REFUSED_PROCESSES] = 0;
	snapshot->exact = false;
	ck_assert_int_eq(find(NULL, NULL), 0);
	ck_assert_msg(strstr(answer.doubt, "faster"), "%s", answer.doubt);
	/* A missing cgroup is the better reason. */
	ck_assert_int_eq(find("cgroup", "/b"), -ENOENT);
	ck_assert_msg(strstr(answer.doubt, "no control group"), "%s", answer.doubt);
}
END_TEST

/* A cgroup that a namespace hides may belong to any. */
START_TEST(test_hidden_cgroup)
{
	add_cgroup(HIDDEN, "cri-containerd-" CONTAINER ".scope", 6000, 0);
	add_cgroup(fixture_id("/a"), "a", 5000, 0);
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_assert_int_eq(find("cgroup", "/a"), 0);
	ck_assert_uint_eq(answer.activity.since, 5000 * S);
	ck_assert_msg(strstr(answer.doubt, "control group 4242"), "%s", answer.doubt);
	ck_assert_uint_eq(answer.doubt_until, 6000 * S);
	/* By the name of its leaf it is this container's. */
	ck_since("container", CONTAINER, 6000, ACTIVITY_SINCE_READ);
	/* All are below the root; and what was earlier changes no answer. */
	ck_since("cgroup", "/", 6000, ACTIVITY_SINCE_READ);
	snapshot->cgroup_count = 0;
	add_cgroup(HIDDEN, "x", 4000, 0);
	add_cgroup(fixture_id("/a"), "a", 5000, 0);
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_since("cgroup", "/a", 5000, ACTIVITY_SINCE_READ);
}
END_TEST

START_TEST(test_no_hierarchy)
{
	cgroup_tree_free(fixture_tree);
	ck_assert_int_eq(cgroup_tree_read(NULL, &fixture_tree), 0);
	add_cgroup(1, "", 5000, 0);
	ck_assert_int_eq(find("cgroup", "/a"), -EOPNOTSUPP);
	ck_assert_msg(strstr(answer.doubt, "are not visible"), "%s", answer.doubt);
	ck_assert_int_eq(find("container", CONTAINER), -EOPNOTSUPP);
	ck_since(NULL, NULL, 5000, ACTIVITY_SINCE_READ);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

Suite *activity_suite(void)
{
	Suite *suite = suite_create("activity");
	TCase *tcase = tcase_create("activity");

	tcase_add_unchecked_fixture(tcase, fixture_make_tree, fixture_remove_tree);
	tcase_add_checked_fixture(tcase, fixture_start, fixture_end);
	tcase_add_loop_test(tcase, test_query, 0, COUNT(queries));
	tcase_add_test(tcase, test_nothing_seen);
	tcase_add_test(tcase, test_reads_where_keys_are_not_known);
	tcase_add_test(tcase, test_keys_where_they_are_known);
	tcase_add_test(tcase, test_below_and_beside);
	tcase_add_test(tcase, test_cgroup_outlives_its_processes);
	tcase_add_test(tcase, test_container);
	tcase_add_test(tcase, test_process);
	tcase_add_test(tcase, test_programs_remember_removed_cgroups);
	tcase_add_test(tcase, test_own_name);
	tcase_add_test(tcase, test_doubts);
	tcase_add_test(tcase, test_hidden_cgroup);
	tcase_add_test(tcase, test_no_hierarchy);
	suite_add_tcase(suite, tcase);
	return suite;
}
