// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The workspaces of a node: reader/activity/workspaces.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "bpf/lib/cleanup.h"
#include "reader/activity/activity.h"
#include "reader/activity/workspaces.h"
#include "tests/unit/fixture.h"
#include "tests/unit/suites.h"

#define POD_A "01234567-89ab-cdef-0123-456789abcdef"
#define POD_B "11234567-89ab-cdef-0123-456789abcdef"

static struct snapshot *const snapshot = &fixture_report.snapshot;
static struct workspaces workspaces;

static void find(void)
{
	workspaces_release(&workspaces);
	ck_assert_int_eq(workspaces_find(snapshot, &workspaces), 0);
}

static void end(void)
{
	workspaces_release(&workspaces);
	fixture_end();
}

static const struct workspace *at(const char *path)
{
	for (size_t i = 0; i < workspaces.count; i++) {
		if (strcmp(workspaces.list[i].path, path) == 0)
			return &workspaces.list[i];
	}
	return NULL;
}

/* What is listed if nobody did anything: what somebody could work in. */
START_TEST(test_unused)
{
	find();
	ck_assert_uint_eq(workspaces.count, 2);
	ck_assert_str_eq(workspaces.list[0].path, SCOPE);
	ck_assert_str_eq(workspaces.list[0].container, CONTAINER);
	ck_assert_str_eq(workspaces.list[0].pod, "");
	ck_assert_uint_eq(workspaces.list[0].since, LOADED * S);
	ck_assert_uint_eq(workspaces.list[0].last_key, 0);
	ck_assert_str_eq(workspaces.list[1].path, "/user-1000.slice");
}
END_TEST

/* A pod and its containers: each with all that is inside it, and a birth of its own. */
START_TEST(test_pod)
{
	const char *pod = "/kubepods.slice/kubepods-pod01234567_89ab_cdef_0123_456789abcdef.slice";
	char box[512];
	uint64_t id = add_cgroup(fixture_id("/"), "kubepods.slice");

	id = add_cgroup(id, strrchr(pod, '/') + 1);
	id = add_cgroup(id, strrchr(SCOPE, '/') + 1);
	add_cgroup(id, "init");
	snprintf(box, sizeof(box), "%s%s", pod, strrchr(SCOPE, '/'));
	fixture_cgroup(box)->birth = 5000 * S;
	fixture_cgroup(pod)->birth = 4000 * S;
	find();
	ck_assert_str_eq(at(pod)->pod, POD_A);
	ck_assert_str_eq(at(pod)->container, "");
	ck_assert_uint_eq(at(pod)->since, 4000 * S);
	ck_assert_str_eq(at(box)->pod, POD_A);
	ck_assert_str_eq(at(box)->container, CONTAINER);
	ck_assert_uint_eq(at(box)->since, 5000 * S);
	ck_assert_ptr_null(at("/kubepods.slice"));
	/* A key below the container is one of both, and of nobody else. */
	strcat(box, "/init");
	fixture_cgroup(box)->last_key = 6000 * S;
	find();
	ck_assert_ptr_null(at(box));
	*strrchr(box, '/') = '\0';
	ck_assert_uint_eq(at(box)->since, 6000 * S);
	ck_assert_uint_eq(at(box)->last_key, 6000 * S);
	ck_assert_uint_eq(at(pod)->since, 6000 * S);
	ck_assert_ptr_null(at("/kubepods.slice"));
	ck_assert_uint_eq(at(SCOPE)->since, LOADED * S);
}
END_TEST

/* A group that is none of these counts by itself, once it was used. */
START_TEST(test_plain)
{
	fixture_cgroup("/a/sub")->last_beat = 3000 * S;
	fixture_cgroup("/a/sub")->birth = 2000 * S;
	find();
	ck_assert_uint_eq(workspaces.count, 3);
	ck_assert_ptr_null(at("/a"));
	ck_assert_uint_eq(at("/a/sub")->since, 2000 * S);
	ck_assert_uint_eq(at("/a/sub")->last_beat, 3000 * S);
	ck_assert_uint_eq(at("/a/sub")->last_key, 0);
}
END_TEST

/* All sessions of a user are one workspace, but a container in them is another. */
START_TEST(test_user)
{
	uint64_t user = fixture_id("/user-1000.slice");

	add_cgroup(user, "session-3.scope");
	add_cgroup(add_cgroup(user, "user@1000.service"), "docker-" CONTAINER ".scope");
	fixture_cgroup("/user-1000.slice/session-3.scope")->last_key = 3000 * S;
	find();
	ck_assert_uint_eq(workspaces.count, 3);
	ck_assert_uint_eq(at("/user-1000.slice")->since, 3000 * S);
	ck_assert_uint_eq(at("/user-1000.slice/user@1000.service/docker-" CONTAINER ".scope")
				  ->since,
			  LOADED * S);
}
END_TEST

/* A program that the hook cannot see is in the workspace, and in what that is in. */
START_TEST(test_doubt)
{
	uint64_t init = fixture_id(SCOPE "/init");

	add_process(7, "ed", 0, 0, init)->flags = HB_PROCESS_32BIT;
	find();
	ck_assert(at(SCOPE)->in_doubt);
	ck_assert(!at("/user-1000.slice")->in_doubt);
	snapshot->meta.hook = HB_METHOD_FENTRY;
	find();
	ck_assert(!at(SCOPE)->in_doubt);
	/* In a group that nobody used it makes the workspace known. */
	snapshot->meta.hook = HB_METHOD_TRACEPOINT;
	add_process(8, "ed", 0, 0, fixture_id("/a"))->flags = HB_PROCESS_32BIT;
	find();
	ck_assert(at("/a")->in_doubt);
}
END_TEST

static uint64_t seed;

/* The same numbers in each run. */
static unsigned int below(unsigned int limit)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(seed >> 33) % limit;
}

/* Any time, or none. */
static uint64_t some_time(void)
{
	return below(3) ? 0 : (LOADED - 500 + below(NOW - LOADED)) * S;
}

static bool is_taken(uint64_t parent, const char *name)
{
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		if (snapshot->cgroups[i].record.parent_id == parent &&
		    strcmp(snapshot->cgroups[i].record.name, name) == 0)
			return true;
	}
	return false;
}

static void add_some_cgroup(void)
{
	static const char *const names[] = {
		"a",
		"b.slice",
		"user-1000.slice",
		"user-x.slice",
		"pod" POD_A,
		"pod" POD_B,
		"kubepods-pod01234567_89ab_cdef_0123_456789abcdef.slice",
	};
	uint64_t parent = snapshot->cgroups[below((unsigned int)snapshot->cgroup_count)].id;
	struct hb_cgroup *record;
	char name[128];

	if (below(2))
		snprintf(name, sizeof(name), "docker-%064x.scope", below(20));
	else
		snprintf(name, sizeof(name), "%s", names[below(sizeof(names) / sizeof(names[0]))]);
	if (is_taken(parent, name))
		return;
	add_cgroup(parent, name);
	record = &snapshot->cgroups[snapshot->cgroup_count - 1].record;
	record->birth = some_time();
	record->opened_at = some_time();
	record->last_key = some_time();
}

static void add_some_process(uint32_t pid)
{
	unsigned int count = (unsigned int)snapshot->cgroup_count;
	struct hb_process *record = add_process(pid, "vim", some_time() / S, some_time() / S,
						snapshot->cgroups[below(count)].id);

	/* Its group may have got a record only now. */
	if (below(4) == 0)
		record->account_id = snapshot->cgroups[below(count)].id;
	if (below(8) == 0)
		record->flags = HB_PROCESS_32BIT;
}

/* What /activity says of the same control group. */
static void ck_same(const struct workspace *workspace)
{
	_cleanup_free_ struct activity *list = NULL;
	struct activity_query query = {.by = ACTIVITY_NODE};
	struct activity_answer answer;
	size_t count;

	if (workspace->whole) {
		ck_assert_int_eq(activity_query_add(&query, "cgroup", workspace->path), 0);
		ck_assert_int_eq(activity_find(snapshot, &query, &answer), 0);
		ck_assert_uint_eq(workspace->since, answer.activity.since);
		ck_assert_uint_eq(workspace->last_key, answer.activity.last);
		ck_assert_int_eq(workspace->in_doubt, answer.doubt[0] != '\0');
		return;
	}
	ck_assert_int_eq(activity_each(snapshot, &query, &list, &count), 0);
	for (size_t i = 0; i < count; i++) {
		if (list[i].cgroup_id == workspace->cgroup_id)
			ck_assert_uint_eq(workspace->since, list[i].since);
	}
}

/* In any tree. */
START_TEST(test_same_as_activity)
{
	size_t wholes = 0;

	seed = (uint64_t)_i;
	for (int i = 0; i < 40; i++)
		add_some_cgroup();
	for (uint32_t pid = 1; pid < 8; pid++)
		add_some_process(pid);
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	find();
	ck_assert_uint_gt(workspaces.count, 5);
	for (size_t i = 0; i < workspaces.count; i++) {
		wholes += workspaces.list[i].whole;
		ck_same(&workspaces.list[i]);
	}
	ck_assert_uint_gt(wholes, 2);
}
END_TEST

Suite *workspaces_suite(void)
{
	Suite *suite = suite_create("workspaces");
	TCase *tcase = tcase_create("workspaces");

	tcase_add_checked_fixture(tcase, fixture_start, end);
	tcase_add_test(tcase, test_unused);
	tcase_add_test(tcase, test_pod);
	tcase_add_test(tcase, test_plain);
	tcase_add_test(tcase, test_user);
	tcase_add_test(tcase, test_doubt);
	tcase_add_loop_test(tcase, test_same_as_activity, 0, 200);
	suite_add_tcase(suite, tcase);
	return suite;
}
