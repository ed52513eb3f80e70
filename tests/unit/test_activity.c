// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* When somebody was last active: reader/activity. Where: test_activity_cgroups.c */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <check.h>

#include "reader/activity/activity.h"
#include "tests/unit/asked.h"
#include "tests/unit/fixture.h"
#include "tests/unit/suites.h"

START_TEST(test_nothing_seen)
{
	ck_since(NULL, NULL, LOADED, ACTIVITY_SINCE_LOAD);
	ck_assert_uint_eq(answer.activity.last, 0);
	/* A cgroup in which nobody ever typed. */
	ck_since("cgroup", "/a", LOADED, ACTIVITY_SINCE_LOAD);
	ck_since("container", "fedcba987654", LOADED, ACTIVITY_SINCE_LOAD);
	/* A load that changed nothing leaves the clock alone, and another one does not. */
	snapshot->meta.updated_at = 3000 * S;
	ck_since(NULL, NULL, LOADED, ACTIVITY_SINCE_LOAD);
	snapshot->meta.changed_at = 2000 * S;
	ck_since(NULL, NULL, 2000, ACTIVITY_SINCE_LOAD);
	ck_since("cgroup", "/a", 2000, ACTIVITY_SINCE_LOAD);
	ck_since("container", CONTAINER, 2000, ACTIVITY_SINCE_LOAD);
}
END_TEST

/* Only a key is activity, whatever the rule and hook. */
START_TEST(test_keys)
{
	snapshot->meta.rule = (uint32_t)_i % 3;
	snapshot->meta.hook = (uint32_t)_i / 3;
	add_typing_and_reading();
	ck_since(NULL, NULL, 4000, ACTIVITY_SINCE_KEY);
	ck_assert_uint_eq(answer.activity.last, 4000 * S);
	ck_assert_uint_eq(answer.activity.pid, 10);
	ck_assert_str_eq(answer.activity.program, "vim");
	ck_assert_uint_eq(answer.activity.cgroup_id, fixture_id("/a/sub"));
	ck_since("cgroup", "/a", 4000, ACTIVITY_SINCE_KEY);
	ck_since("cgroup", "/ab", 1600, ACTIVITY_SINCE_OPENED);
	ck_assert_uint_eq(answer.activity.last, 0);
	ck_assert_uint_eq(answer.activity.pid, 11);
}
END_TEST

/* A program that was started by cron, or that has forked into the background. */
START_TEST(test_without_terminal)
{
	add_process(10, "emacs", 0, 0, fixture_id("/a"))->start = 9000 * S;
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_since(NULL, NULL, LOADED, ACTIVITY_SINCE_LOAD);
	ck_since("cgroup", "/a", LOADED, ACTIVITY_SINCE_LOAD);
}
END_TEST

START_TEST(test_process)
{
	char me[16];
	struct hb_process *record;

	snprintf(me, sizeof(me), "%d", getpid());
	add_process(INT32_MAX, "vim", 1500, 9000, UNRECORDED);
	record = add_process((uint32_t)getpid(), "vim", 1500, 5000, UNRECORDED);
	/* Records that did not fit are not those that are there. */
	snapshot->stats[HB_STAT_REFUSED_PROCESSES] = 1;
	snapshot->stats[HB_STAT_UNPLACED_AT] = 9000 * S;
	ck_since("pid", me, 5000, ACTIVITY_SINCE_KEY);
	record->last_key = 0;
	ck_since("pid", me, 1500, ACTIVITY_SINCE_OPENED);
	/* Its birth is that of the process, whichever program runs in it now. */
	record->start = 1200 * S;
	ck_since("pid", me, 1500, ACTIVITY_SINCE_OPENED);
	record->opened_at = 0;
	ck_since("pid", me, 1200, ACTIVITY_SINCE_BIRTH);
	ck_assert_uint_eq(answer.activity.pid, (uint32_t)getpid());
	record->start = 0;
	ck_since("pid", me, LOADED, ACTIVITY_SINCE_LOAD);
	ck_assert_int_eq(asked("pid", "1"), -ENOENT);
	ck_has(answer.doubt, "hb-read explain 1");
	/* No process has this number: its record waits for the collection. */
	ck_assert_int_eq(asked("pid", "2147483647"), -ENOENT);
}
END_TEST

START_TEST(test_programs_remember_ended_processes)
{
	add_program("vim", 7000, 8000);
	add_process(10, "less", 1500, 2000, fixture_id("/a"))->last_beat = 9000 * S;
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_since(NULL, NULL, 8000, ACTIVITY_SINCE_KEY);
	ck_assert_str_eq(answer.activity.program, "vim");
	ck_assert_uint_eq(answer.activity.pid, 0);
	ck_since("cgroup", "/", 2000, ACTIVITY_SINCE_KEY);
	ck_assert_uint_eq(activity_last(snapshot), 8000 * S);
}
END_TEST

/* With this on the list, a program that is not on it counts as this one. */
START_TEST(test_any_program)
{
	add_program(HB_ANY_PROGRAM, 0, 0);
	add_process(10, "bash", 1500, 4000, fixture_id("/a"));
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_since("cgroup", "/a", 4000, ACTIVITY_SINCE_KEY);
	ck_assert_str_eq(answer.activity.program, "bash");
	ck_assert_uint_eq(snapshot->program_count, 1);
	ck_assert_uint_eq(snapshot->programs[0].processes, 1);
	snapshot->process_count = 0;
	snapshot->programs[0].last_key = 5000 * S;
	ck_since(NULL, NULL, 5000, ACTIVITY_SINCE_KEY);
	ck_assert_str_eq(answer.activity.program, "*");
}
END_TEST

/* If hb-read is on the list its questions must not count as activity. */
START_TEST(test_own_name)
{
	char name[HB_COMM_LEN] = {0};

	prctl(PR_GET_NAME, name);
	add_process(10, name, 9999, 9999, fixture_id("/a"));
	add_program(name, 9999, 9999);
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_since(NULL, NULL, LOADED, ACTIVITY_SINCE_LOAD);
	ck_since("cgroup", "/a", LOADED, ACTIVITY_SINCE_LOAD);
}
END_TEST

START_TEST(test_doubts)
{
	struct activity_query query = {.by = ACTIVITY_NODE, .blind = "the hooks are gone"};

	ck_assert_int_eq(activity_find(snapshot, &query, &answer), 0);
	ck_assert_str_eq(answer.doubt, "the hooks are gone");
	ck_assert_uint_eq(answer.doubt_until, UINT64_MAX);
	/* A full map loses nothing, and a count that moves is in one record at least. */
	snapshot->stats[HB_STAT_REFUSED_CGROUPS] = 2;
	snapshot->stats[HB_STAT_REFUSED_PROCESSES] = 3;
	snapshot->exact = false;
	ck_since("cgroup", "/a", LOADED, ACTIVITY_SINCE_LOAD);
	ck_since(NULL, NULL, LOADED, ACTIVITY_SINCE_LOAD);
	snapshot->complete = false;
	ck_assert_int_eq(asked(NULL, NULL), 0);
	ck_has(answer.doubt, "faster");
	ck_assert_uint_eq(answer.doubt_until, UINT64_MAX);
	/* A missing cgroup is the better reason. */
	ck_assert_int_eq(asked("cgroup", "/b"), -ENOENT);
	ck_has(answer.doubt, "no record of control group /b");
	snapshot->stats[HB_STAT_REFUSED_CGROUPS] = 0;
	ck_assert_int_eq(asked("cgroup", "/b"), -ENOENT);
	ck_has(answer.doubt, "there is no control group /b");
}
END_TEST

/* A program ended unseen in a group that is gone: it may have been in any, but not elsewhere. */
START_TEST(test_unplaced)
{
	snapshot->stats[HB_STAT_UNPLACED_AT] = 6000 * S;
	fixture_cgroup("/")->last_key = 6000 * S;
	fixture_cgroup("/a")->last_key = 5000 * S;
	ck_assert_int_eq(asked("cgroup", "/a"), 0);
	ck_assert_uint_eq(answer.activity.since, 5000 * S);
	ck_has(answer.doubt, "a program ended unseen");
	ck_assert_uint_eq(answer.doubt_until, 6000 * S);
	ck_assert_int_eq(asked("container", CONTAINER), 0);
	ck_assert_uint_eq(answer.doubt_until, 6000 * S);
	ck_since(NULL, NULL, 6000, ACTIVITY_SINCE_KEY);
}
END_TEST

/* Hook tracepoint cannot see the reads of 32-bit programs. */
START_TEST(test_32bit)
{
	char me[16];

	snprintf(me, sizeof(me), "%d", getpid());
	snapshot->meta.hook = _i ? HB_METHOD_FENTRY : HB_METHOD_TRACEPOINT;
	add_process((uint32_t)getpid(), "ed", 1500, 5000, fixture_id("/a/sub"))->flags =
		HB_PROCESS_32BIT;
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_since("cgroup", "/ab", LOADED, ACTIVITY_SINCE_LOAD);
	if (_i) {
		ck_since("cgroup", "/a", 5000, ACTIVITY_SINCE_KEY);
		ck_since("pid", me, 5000, ACTIVITY_SINCE_KEY);
		ck_since(NULL, NULL, 5000, ACTIVITY_SINCE_KEY);
		return;
	}
	ck_assert_int_eq(asked("cgroup", "/a"), 0);
	ck_has(answer.doubt, "a 32-bit program runs, ed (pid ");
	ck_assert_uint_eq(answer.doubt_until, UINT64_MAX);
	ck_assert_int_eq(asked("pid", me), 0);
	ck_has(answer.doubt, "32-bit");
	ck_assert_int_eq(asked(NULL, NULL), 0);
	ck_has(answer.doubt, "32-bit");
}
END_TEST

/* Keys from before there was room for the record of a process are with a group, nobody knows which. */
START_TEST(test_late_record)
{
	struct hb_process *record;
	char me[16];

	snprintf(me, sizeof(me), "%d", getpid());
	record = add_process((uint32_t)getpid(), "vim", 1500, 0, fixture_id("/a"));
	fixture_cgroup("/ab")->last_key = 6000 * S;
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_since("pid", me, 1500, ACTIVITY_SINCE_OPENED);
	record->flags = HB_PROCESS_LATE;
	ck_since("pid", me, 6000, ACTIVITY_SINCE_KEY);
	ck_since("cgroup", "/a", 1500, ACTIVITY_SINCE_OPENED);
}
END_TEST

Suite *activity_suite(void)
{
	Suite *suite = suite_create("activity");
	TCase *tcase = tcase_create("activity");

	tcase_add_checked_fixture(tcase, fixture_start, fixture_end);
	tcase_add_test(tcase, test_nothing_seen);
	tcase_add_loop_test(tcase, test_keys, 0, 6);
	tcase_add_test(tcase, test_without_terminal);
	tcase_add_test(tcase, test_process);
	tcase_add_test(tcase, test_programs_remember_ended_processes);
	tcase_add_test(tcase, test_any_program);
	tcase_add_test(tcase, test_own_name);
	tcase_add_test(tcase, test_doubts);
	tcase_add_test(tcase, test_unplaced);
	tcase_add_loop_test(tcase, test_32bit, 0, 2);
	tcase_add_test(tcase, test_late_record);
	suite_add_tcase(suite, tcase);
	return suite;
}
