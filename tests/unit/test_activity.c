// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* When and where somebody was last active: reader/activity */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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
	return activity_find(snapshot, &query, &answer);
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
	{"container", "containerd://" CONTAINER, 0},
	{"container", "docker://fedcba987654", 0},
	{"container", "cri-o://fedcba987654", 0},
	{"container", "containerd://", -EINVAL},
	{"container", "containerd:/fedcba987654", -EINVAL},
	{"container", "containerd//fedcba987654", -EINVAL},
	{"container", "://fedcba987654", -EINVAL},
	{"container", "docker://docker://fedcba987654", -EINVAL},
	{"pod", "01234567-89ab-cdef-0123-456789abcdef", 0},
	{"pod", "0123456789abcdef0123456789abcdef", 0},
	{"pod", "01234567_89ab_cdef_0123_456789abcdef", -EINVAL},
	{"pod", "01234567-89ab-cdef-0123-456789abcde", -EINVAL},
	{"pod", "01234567-89ab-cdef-0123-456789abcdef0", -EINVAL},
	{"pod", "01234567-89AB-cdef-0123-456789abcdef", -EINVAL},
	{"pod", "x/pod01234567-89ab-cdef-0123-456789ab", -EINVAL},
	{"pod", "", -EINVAL},
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

START_TEST(test_query_drops_the_runtime)
{
	struct activity_query query = {.by = ACTIVITY_NODE};

	ck_assert_int_eq(activity_query_add(&query, "container", "cri-o://" CONTAINER), 0);
	ck_assert_str_eq(query.name, CONTAINER);
}
END_TEST

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

/* An editor that is typed into, and a pager whose pipe never rests. */
static void add_typing_and_reading(void)
{
	add_process(10, "vim", 1500, 4000, fixture_id("/a/sub"))->last_beat = 5000 * S;
	add_process(11, "less", 1600, 0, fixture_id("/ab"))->last_beat = 9999 * S;
	fixture_cgroup("/a/sub")->last_key = 3000 * S;
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
}

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

START_TEST(test_below_and_beside)
{
	add_typing_and_reading();
	ck_since("cgroup", "/a/sub", 4000, ACTIVITY_SINCE_KEY);
	ck_since("cgroup", "/", 4000, ACTIVITY_SINCE_KEY);
	ck_since("cgroup", "/pod", LOADED, ACTIVITY_SINCE_LOAD);
	ck_assert_int_eq(find("cgroup", "/a/su"), -ENOENT);
	ck_has(answer.doubt, "there is no control group /a/su");
}
END_TEST

START_TEST(test_cgroup_outlives_its_processes)
{
	fixture_cgroup("/a")->last_beat = 7000 * S;
	fixture_cgroup("/a")->opened_at = 6000 * S;
	ck_since("cgroup", "/a", 6000, ACTIVITY_SINCE_OPENED);
	ck_assert_uint_eq(answer.activity.last, 0);
	fixture_cgroup("/a")->last_key = 6500 * S;
	ck_since("cgroup", "/a", 6500, ACTIVITY_SINCE_KEY);
	ck_assert_uint_eq(answer.activity.pid, 0);
	ck_assert_str_eq(answer.activity.program, "");
}
END_TEST

START_TEST(test_container)
{
	fixture_cgroup(SCOPE "/init")->last_key = 7000 * S;
	fixture_cgroup("/ab")->last_key = 8000 * S;
	ck_since("container", CONTAINER, 7000, ACTIVITY_SINCE_KEY);
	ck_since("container", "fedcba9876543", 7000, ACTIVITY_SINCE_KEY);
	ck_assert_int_eq(find("container", "0999916789ab"), -ENOENT);
	ck_has(answer.doubt, "there is no container 0999916789ab");
}
END_TEST

START_TEST(test_birth)
{
	fixture_cgroup("/a")->birth = 2000 * S;
	ck_since("cgroup", "/a", 2000, ACTIVITY_SINCE_BIRTH);
	ck_assert_uint_eq(answer.activity.last, 0);
	ck_assert_uint_eq(answer.activity.cgroup_id, fixture_id("/a"));
	ck_assert_uint_eq(answer.activity.pid, 0);
	/* A group that is made in it says nothing about it. */
	fixture_cgroup("/a/sub")->birth = 9000 * S;
	ck_since("cgroup", "/a/sub", 9000, ACTIVITY_SINCE_BIRTH);
	ck_since("cgroup", "/a", 2000, ACTIVITY_SINCE_BIRTH);
	ck_since("cgroup", "/", LOADED, ACTIVITY_SINCE_LOAD);
	ck_since(NULL, NULL, LOADED, ACTIVITY_SINCE_LOAD);
	/* It is older than the first load, or what is watched has changed since. */
	fixture_cgroup("/a")->birth = 0;
	ck_since("cgroup", "/a", LOADED, ACTIVITY_SINCE_LOAD);
	fixture_cgroup("/a")->birth = 2000 * S;
	snapshot->meta.changed_at = 3000 * S;
	ck_since("cgroup", "/a", 3000, ACTIVITY_SINCE_LOAD);
}
END_TEST

START_TEST(test_birth_of_a_container)
{
	fixture_cgroup(SCOPE)->birth = 2000 * S;
	fixture_cgroup(SCOPE "/init")->birth = 9000 * S;
	ck_since("container", CONTAINER, 2000, ACTIVITY_SINCE_BIRTH);
	ck_assert_uint_eq(answer.activity.cgroup_id, fixture_id(SCOPE));
	fixture_cgroup(SCOPE "/init")->last_key = 9500 * S;
	ck_since("container", CONTAINER, 9500, ACTIVITY_SINCE_KEY);
}
END_TEST

#define SUCCESSOR "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* The first one was removed, which added what it did to the pod. */
START_TEST(test_container_replaced_in_a_pod)
{
	uint64_t pod = fixture_id("/pod");

	snapshot->cgroup_count -= 3;
	fixture_cgroup("/pod")->birth = 1500 * S;
	fixture_cgroup("/pod")->last_key = 5000 * S;
	snapshot->cgroups[add_cgroup(pod, "cri-containerd-" SUCCESSOR ".scope") - 1].record.birth =
		6000 * S;
	ck_assert_int_eq(find("container", CONTAINER), -ENOENT);
	ck_since("container", SUCCESSOR, 6000, ACTIVITY_SINCE_BIRTH);
	ck_since("cgroup", "/pod", 5000, ACTIVITY_SINCE_KEY);
	ck_assert_uint_eq(answer.activity.cgroup_id, pod);
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
	ck_assert_int_eq(find("pid", "1"), -ENOENT);
	ck_has(answer.doubt, "hb-read explain 1");
	/* No process has this number: its record waits for the collection. */
	ck_assert_int_eq(find("pid", "2147483647"), -ENOENT);
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
	ck_assert_int_eq(find(NULL, NULL), 0);
	ck_has(answer.doubt, "faster");
	ck_assert_uint_eq(answer.doubt_until, UINT64_MAX);
	/* A missing cgroup is the better reason. */
	ck_assert_int_eq(find("cgroup", "/b"), -ENOENT);
	ck_has(answer.doubt, "no record of control group /b");
	snapshot->stats[HB_STAT_REFUSED_CGROUPS] = 0;
	ck_assert_int_eq(find("cgroup", "/b"), -ENOENT);
	ck_has(answer.doubt, "there is no control group /b");
}
END_TEST

/* A program ended unseen in a group that is gone: it may have been in any, but not elsewhere. */
START_TEST(test_unplaced)
{
	snapshot->stats[HB_STAT_UNPLACED_AT] = 6000 * S;
	fixture_cgroup("/")->last_key = 6000 * S;
	fixture_cgroup("/a")->last_key = 5000 * S;
	ck_assert_int_eq(find("cgroup", "/a"), 0);
	ck_assert_uint_eq(answer.activity.since, 5000 * S);
	ck_has(answer.doubt, "a program ended unseen");
	ck_assert_uint_eq(answer.doubt_until, 6000 * S);
	ck_assert_int_eq(find("container", CONTAINER), 0);
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
	ck_assert_int_eq(find("cgroup", "/a"), 0);
	ck_has(answer.doubt, "a 32-bit program runs, ed (pid ");
	ck_assert_uint_eq(answer.doubt_until, UINT64_MAX);
	ck_assert_int_eq(find("pid", me), 0);
	ck_has(answer.doubt, "32-bit");
	ck_assert_int_eq(find(NULL, NULL), 0);
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

/* The nearest group with a record has the counts. */
START_TEST(test_unrecorded_cgroup)
{
	struct hb_process *record = add_process(10, "vim", 1500, 4000, UNRECORDED);

	record->account_id = fixture_id("/a");
	record->beats = 3;
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_assert_uint_eq(fixture_cgroup("/a")->beats, 3);
	ck_since("cgroup", "/a", 4000, ACTIVITY_SINCE_KEY);
	ck_assert_uint_eq(answer.activity.pid, 10);
	ck_since("cgroup", "/", 4000, ACTIVITY_SINCE_KEY);
	ck_since("cgroup", "/a/sub", LOADED, ACTIVITY_SINCE_LOAD);
	ck_since("cgroup", "/ab", LOADED, ACTIVITY_SINCE_LOAD);
}
END_TEST

START_TEST(test_account_above_the_selected_group)
{
	/* It got a record later than the process did. */
	add_process(10, "vim", 1500, 4000, fixture_id("/a/sub"))->account_id = fixture_id("/a");
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_since("cgroup", "/a/sub", 4000, ACTIVITY_SINCE_KEY);
	ck_since("cgroup", "/a", 4000, ACTIVITY_SINCE_KEY);
	ck_since("cgroup", "/ab", LOADED, ACTIVITY_SINCE_LOAD);
}
END_TEST

START_TEST(test_no_hierarchy)
{
	snapshot->cgroup_count = 1;
	add_process(10, "vim", 1500, 5000, fixture_id("/"));
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_assert_int_eq(find("cgroup", "/a"), -EOPNOTSUPP);
	ck_has(answer.doubt, "no control groups in the version 2 hierarchy");
	ck_assert_int_eq(find("container", CONTAINER), -EOPNOTSUPP);
	ck_since(NULL, NULL, 5000, ACTIVITY_SINCE_KEY);
	ck_since("cgroup", "/", 5000, ACTIVITY_SINCE_KEY);
}
END_TEST

/* As deep as a path can be long. */
#define DEEP "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

START_TEST(test_deep)
{
	static char path[4096];
	uint64_t id = fixture_id("/ab");
	uint64_t top;

	strcpy(path, "/ab/" DEEP);
	top = id = add_cgroup(id, DEEP);
	for (int i = 0; i < 2000; i++) {
		id = add_cgroup(id, "x");
		strcat(path, "/x");
	}
	snapshot_find_cgroup(snapshot, top)->record.birth = 2000 * S;
	snapshot_find_cgroup(snapshot, id)->record.birth = 3000 * S;
	ck_since("cgroup", path, 3000, ACTIVITY_SINCE_BIRTH);
	ck_since("container", DEEP, 2000, ACTIVITY_SINCE_BIRTH);
	add_process(10, "vim", 0, 4000, id);
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_since("cgroup", path, 4000, ACTIVITY_SINCE_KEY);
	ck_since("container", DEEP, 4000, ACTIVITY_SINCE_KEY);
	ck_since("cgroup", "/ab", 4000, ACTIVITY_SINCE_KEY);
	ck_since("cgroup", "/a", LOADED, ACTIVITY_SINCE_LOAD);
}
END_TEST

/* No kernel makes these. All questions must end all the same. */
START_TEST(test_cycle)
{
	struct activity_query query = {.by = ACTIVITY_CGROUP, .name = "/ab"};
	struct activity *list;
	size_t count;

	fixture_cgroup("/a")->last_key = 5000 * S;
	fixture_cgroup("/a")->parent_id = fixture_id("/a/sub");
	ck_since("cgroup", "/ab", LOADED, ACTIVITY_SINCE_LOAD);
	ck_since("cgroup", "/", LOADED, ACTIVITY_SINCE_LOAD);
	ck_since("container", CONTAINER, LOADED, ACTIVITY_SINCE_LOAD);
	ck_assert_int_eq(find("cgroup", "/a"), -ENOENT);
	ck_since(NULL, NULL, 5000, ACTIVITY_SINCE_KEY);
	ck_assert_int_eq(activity_each(snapshot, &query, &list, &count), 0);
	ck_assert_uint_eq(count, 0);
	free(list);
}
END_TEST

START_TEST(test_each)
{
	struct activity_query query = {.by = ACTIVITY_NODE};
	struct activity *list;
	size_t count;

	/* Most groups are never used. */
	ck_assert_int_eq(activity_each(snapshot, &query, &list, &count), 0);
	ck_assert_uint_eq(count, 0);
	free(list);
	fixture_cgroup("/a")->birth = 9000 * S;
	fixture_cgroup("/pod")->birth = 2000 * S;
	fixture_cgroup("/pod")->opened_at = 3000 * S;
	add_process(10, "vim", 1500, 4000, fixture_id("/ab"));
	add_process(11, "ed", 1600, 4500, fixture_id("/ab"));
	add_process(12, "nano", 0, 0, fixture_id(SCOPE))->beats = 1;
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_assert_int_eq(activity_each(snapshot, &query, &list, &count), 0);
	ck_assert_uint_eq(count, 3);
	ck_assert_uint_eq(list[0].cgroup_id, fixture_id("/ab"));
	ck_assert_uint_eq(list[0].since, 4500 * S);
	ck_assert_uint_eq(list[0].last, 4500 * S);
	ck_assert_int_eq(list[0].because, ACTIVITY_SINCE_KEY);
	ck_assert_uint_eq(list[0].pid, 11);
	ck_assert_uint_eq(list[1].cgroup_id, fixture_id("/pod"));
	ck_assert_uint_eq(list[1].since, 3000 * S);
	ck_assert_int_eq(list[1].because, ACTIVITY_SINCE_OPENED);
	ck_assert_uint_eq(list[2].cgroup_id, fixture_id(SCOPE));
	ck_assert_uint_eq(list[2].since, LOADED * S);
	free(list);

	query = (struct activity_query){.by = ACTIVITY_CGROUP, .name = "/ab"};
	ck_assert_int_eq(activity_each(snapshot, &query, &list, &count), 0);
	ck_assert_uint_eq(count, 1);
	free(list);
	query = (struct activity_query){.by = ACTIVITY_PID, .pid = 10};
	ck_assert_int_eq(activity_each(snapshot, &query, &list, &count), 0);
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(list[0].since, 4000 * S);
	free(list);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

Suite *activity_suite(void)
{
	Suite *suite = suite_create("activity");
	TCase *tcase = tcase_create("activity");

	tcase_add_checked_fixture(tcase, fixture_start, fixture_end);
	tcase_add_loop_test(tcase, test_query, 0, COUNT(queries));
	tcase_add_test(tcase, test_query_drops_the_runtime);
	tcase_add_test(tcase, test_nothing_seen);
	tcase_add_loop_test(tcase, test_keys, 0, 6);
	tcase_add_test(tcase, test_without_terminal);
	tcase_add_test(tcase, test_below_and_beside);
	tcase_add_test(tcase, test_cgroup_outlives_its_processes);
	tcase_add_test(tcase, test_container);
	tcase_add_test(tcase, test_birth);
	tcase_add_test(tcase, test_birth_of_a_container);
	tcase_add_test(tcase, test_container_replaced_in_a_pod);
	tcase_add_test(tcase, test_process);
	tcase_add_test(tcase, test_programs_remember_ended_processes);
	tcase_add_test(tcase, test_any_program);
	tcase_add_test(tcase, test_own_name);
	tcase_add_test(tcase, test_doubts);
	tcase_add_test(tcase, test_unplaced);
	tcase_add_loop_test(tcase, test_32bit, 0, 2);
	tcase_add_test(tcase, test_late_record);
	tcase_add_test(tcase, test_unrecorded_cgroup);
	tcase_add_test(tcase, test_account_above_the_selected_group);
	tcase_add_test(tcase, test_no_hierarchy);
	tcase_add_test(tcase, test_deep);
	tcase_add_test(tcase, test_cycle);
	tcase_add_test(tcase, test_each);
	suite_add_tcase(suite, tcase);
	return suite;
}
