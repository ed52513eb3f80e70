// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* When somebody was last active in a control group, a container or a pod: reader/activity */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "reader/activity/activity.h"
#include "tests/unit/asked.h"
#include "tests/unit/fixture.h"
#include "tests/unit/suites.h"

START_TEST(test_below_and_beside)
{
	add_typing_and_reading();
	ck_since("cgroup", "/a/sub", 4000, ACTIVITY_SINCE_KEY);
	ck_since("cgroup", "/", 4000, ACTIVITY_SINCE_KEY);
	ck_since("cgroup", "/pod", LOADED, ACTIVITY_SINCE_LOAD);
	ck_assert_int_eq(asked("cgroup", "/a/su"), -ENOENT);
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
	ck_assert_int_eq(asked("container", "0999916789ab"), -ENOENT);
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
	ck_assert_int_eq(asked("container", CONTAINER), -ENOENT);
	ck_since("container", SUCCESSOR, 6000, ACTIVITY_SINCE_BIRTH);
	ck_since("cgroup", "/pod", 5000, ACTIVITY_SINCE_KEY);
	ck_assert_uint_eq(answer.activity.cgroup_id, pod);
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
	ck_assert_int_eq(asked("cgroup", "/a"), -EOPNOTSUPP);
	ck_has(answer.doubt, "no control groups in the version 2 hierarchy");
	ck_assert_int_eq(asked("container", CONTAINER), -EOPNOTSUPP);
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
	ck_assert_int_eq(asked("cgroup", "/a"), -ENOENT);
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

Suite *activity_cgroups_suite(void)
{
	Suite *suite = suite_create("activity_cgroups");
	TCase *tcase = tcase_create("activity_cgroups");

	tcase_add_checked_fixture(tcase, fixture_start, fixture_end);
	tcase_add_test(tcase, test_below_and_beside);
	tcase_add_test(tcase, test_cgroup_outlives_its_processes);
	tcase_add_test(tcase, test_container);
	tcase_add_test(tcase, test_birth);
	tcase_add_test(tcase, test_birth_of_a_container);
	tcase_add_test(tcase, test_container_replaced_in_a_pod);
	tcase_add_test(tcase, test_unrecorded_cgroup);
	tcase_add_test(tcase, test_account_above_the_selected_group);
	tcase_add_test(tcase, test_no_hierarchy);
	tcase_add_test(tcase, test_deep);
	tcase_add_test(tcase, test_cycle);
	tcase_add_test(tcase, test_each);
	suite_add_tcase(suite, tcase);
	return suite;
}
