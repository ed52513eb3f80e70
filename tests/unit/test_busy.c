// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Work without keys: reader/maps/busy.c, reader/activity/busy_work.c */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "reader/activity/activity.h"
#include "reader/activity/judge.h"
#include "reader/activity/workspaces.h"
#include "reader/array.h"
#include "reader/maps/busy.h"
#include "reader/maps/cgroup_tree.h"
#include "reader/maps/coarsen.h"
#include "reader/maps/home.h"
#include "tests/unit/fixture.h"
#include "tests/unit/suites.h"

enum { FOR = 3600 };

static struct snapshot *const snapshot = &fixture_report.snapshot;
static struct activity_answer answer;

static void start(void)
{
	fixture_start();
	snapshot->meta.busy_for = FOR;
}

static void add_busy(uint32_t pid, const char *command, uint64_t started, uint64_t cgroup)
{
	struct snapshot_busy *busy = array_append(snapshot->busy, snapshot->busy_count);

	ck_assert_ptr_nonnull(busy);
	*busy = (struct snapshot_busy){
		.record = {.start = started * S,
			   .cgroup_id = cgroup,
			   .account_id = cgroup,
			   .pid = pid},
	};
	memcpy(busy->record.command, command, strnlen(command, HB_COMM_LEN - 1));
}

static int find(const char *selector, const char *value)
{
	struct activity_query query = {.by = ACTIVITY_NODE};

	if (selector)
		ck_assert_int_eq(activity_query_add(&query, selector, value), 0);
	ck_assert_int_eq(busy_place(snapshot), 0);
	return activity_find(snapshot, &query, &answer);
}

/* A busy program counts until @until, in seconds; 0: none does. */
static void ck_busy(const char *selector, const char *value, uint64_t until)
{
	ck_assert_int_eq(find(selector, value), 0);
	ck_assert_str_eq(answer.doubt, "");
	if (until == 0) {
		ck_assert_int_ne(answer.activity.because, ACTIVITY_SINCE_BUSY);
		ck_assert_uint_eq(answer.activity.until, 0);
		return;
	}
	ck_assert_int_eq(answer.activity.because, ACTIVITY_SINCE_BUSY);
	ck_assert_uint_eq(answer.activity.since, NOW * S);
	ck_assert_uint_eq(answer.activity.until / S, until);
	ck_assert_uint_eq(activity_time(&answer.activity), NOW * S);
	ck_assert_int_eq(idle_judge(&answer, NOW * S, 1), IDLE_ACTIVE);
}

/* Nothing was typed since the load, or for longer than the allowance. */
START_TEST(test_ends)
{
	add_busy(10, "make", 9000, fixture_id("/a/sub"));
	ck_busy(NULL, NULL, 0);
	ck_busy("cgroup", "/a", 0);
	snapshot->meta.changed_at = (NOW - FOR) * S;
	ck_busy(NULL, NULL, 0);
	ck_busy("cgroup", "/a/sub", 0);
	snapshot->meta.changed_at += S;
	ck_busy(NULL, NULL, NOW + 1);
	ck_busy("cgroup", "/", NOW + 1);
	ck_busy("cgroup", "/a", NOW + 1);
	ck_busy("cgroup", "/a/sub", NOW + 1);
	ck_busy("cgroup", "/ab", 0);
	ck_assert_str_eq(answer.activity.program, "");
	ck_busy("pid", "10", NOW + 1);
	ck_assert_int_eq(find("pid", "11"), -ENOENT);
}
END_TEST

/* The last key counts wherever it was in what is asked about, and it stays the last activity. */
START_TEST(test_counts_from_the_last_key)
{
	add_busy(10, "make", 2000, fixture_id("/a/sub"));
	fixture_cgroup("/a")->last_key = 7000 * S;
	ck_busy(NULL, NULL, 7000 + FOR);
	ck_busy("cgroup", "/a", 7000 + FOR);
	ck_assert_uint_eq(answer.activity.last, 7000 * S);
	ck_assert_uint_eq(answer.activity.pid, 10);
	ck_assert_str_eq(answer.activity.program, "make");
	ck_assert_uint_eq(answer.activity.cgroup_id, fixture_id("/a/sub"));
	ck_assert_uint_eq(answer.activity.start, 2000 * S);
	/* This group alone is no workspace, so keys beside it do not matter. */
	ck_busy("cgroup", "/a/sub", 0);
	fixture_cgroup("/a/sub")->opened_at = 6500 * S;
	ck_busy("cgroup", "/a/sub", 6500 + FOR);
	add_process(20, "vim", 8000, 9000, fixture_id("/a/sub"));
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_busy("cgroup", "/a/sub", 9000 + FOR);
}
END_TEST

/* A workspace is active from its birth on, and so is what contains it; what is born inside changes nothing. */
START_TEST(test_counts_from_birth)
{
	add_busy(10, "claude", 9999, fixture_id(SCOPE "/init"));
	fixture_cgroup(SCOPE "/init")->birth = 9990 * S;
	ck_busy("container", CONTAINER, 0);
	ck_busy("cgroup", "/pod", 0);
	ck_busy(NULL, NULL, 0);
	ck_busy("cgroup", SCOPE "/init", 9990 + FOR);
	fixture_cgroup(SCOPE)->birth = 9000 * S;
	ck_busy("container", CONTAINER, 9000 + FOR);
	ck_busy("cgroup", "/pod", 9000 + FOR);
	ck_busy(NULL, NULL, 9000 + FOR);
	ck_busy("pid", "10", 9000 + FOR);
	/* A part of a workspace is as busy as the whole. */
	fixture_cgroup(SCOPE "/init")->birth = 0;
	ck_busy("cgroup", SCOPE "/init", 9000 + FOR);
	fixture_cgroup(SCOPE)->last_key = 9500 * S;
	ck_busy("cgroup", SCOPE "/init", 9500 + FOR);
}
END_TEST

#define POD_ID	  "11111111-2222-3333-4444-555555555555"
#define REPLACED  "1111111111111111111111111111111111111111111111111111111111111111"
#define SUCCESSOR "2222222222222222222222222222222222222222222222222222222222222222"

/* A container that crashes again and again does not keep its pod for ever. */
START_TEST(test_replaced_container)
{
	uint64_t pod = add_cgroup(fixture_id("/pod"), "pod" POD_ID);
	uint64_t box = add_cgroup(pod, SUCCESSOR);

	fixture_cgroup("/pod/pod" POD_ID)->birth = 2000 * S;
	fixture_cgroup("/pod/pod" POD_ID "/" SUCCESSOR)->birth = 9000 * S;
	add_busy(10, "claude", 9001, box);
	ck_busy("container", SUCCESSOR, 9000 + FOR);
	ck_busy("cgroup", "/pod/pod" POD_ID, 0);
	ck_busy("cgroup", "/pod", 0);
	ck_busy(NULL, NULL, 0);
	/* What happened in the one before it is with the pod. */
	fixture_cgroup("/pod/pod" POD_ID)->last_key = 9500 * S;
	ck_busy("container", SUCCESSOR, 9500 + FOR);
	ck_busy(NULL, NULL, 9500 + FOR);
}
END_TEST

/* The containers of a user are workspaces, and the user's slice is one for everything else. */
START_TEST(test_user)
{
	uint64_t user = fixture_id("/user-1000.slice");
	uint64_t scope = add_cgroup(user, "session-3.scope");
	uint64_t box = add_cgroup(user, "libpod-" REPLACED ".scope");

	fixture_cgroup("/user-1000.slice")->birth = 7000 * S;
	fixture_cgroup("/user-1000.slice/session-3.scope")->birth = 9999 * S;
	add_busy(10, "make", 9001, scope);
	ck_busy(NULL, NULL, 7000 + FOR);
	ck_busy("cgroup", "/user-1000.slice", 7000 + FOR);
	fixture_cgroup("/user-1000.slice/libpod-" REPLACED ".scope")->birth = 8000 * S;
	add_busy(11, "make", 9001, box);
	ck_busy(NULL, NULL, 8000 + FOR);
	ck_busy("container", REPLACED, 8000 + FOR);
	ck_assert_uint_eq(answer.activity.pid, 11);
}
END_TEST

START_TEST(test_several)
{
	snapshot->meta.changed_at = 8000 * S;
	add_busy(10, "make", 9100, fixture_id("/a"));
	add_busy(11, "cargo", 9000, fixture_id("/a/sub"));
	add_busy(12, "pytest", 9200, fixture_id("/a"));
	/* All count equally long: the one that has worked longest. */
	ck_busy("cgroup", "/a", 8000 + FOR);
	ck_assert_str_eq(answer.activity.program, "cargo");
	/* This one counts longer. */
	add_busy(13, "npm", 9300, fixture_id(SCOPE));
	fixture_cgroup(SCOPE)->birth = 9000 * S;
	ck_busy(NULL, NULL, 9000 + FOR);
	ck_assert_str_eq(answer.activity.program, "npm");
	ck_busy("cgroup", "/a", 8000 + FOR);
	ck_assert_str_eq(answer.activity.program, "cargo");
}
END_TEST

/* On both lists: its keys count, and its work does. */
START_TEST(test_watched_too)
{
	char me[16];

	snprintf(me, sizeof(me), "%d", getpid());
	add_process((uint32_t)getpid(), "claude", 2000, 2500, fixture_id("/a"));
	add_busy((uint32_t)getpid(), "claude", 2000, fixture_id("/a"));
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
	ck_busy("cgroup", "/a", 0);
	ck_assert_uint_eq(answer.activity.since, 2500 * S);
	ck_busy("pid", me, 0);
	snapshot->processes[0].record.last_key = 9000 * S;
	ck_busy("cgroup", "/a", 9000 + FOR);
	ck_busy("pid", me, 9000 + FOR);
	ck_assert_uint_eq(answer.activity.last, 9000 * S);
}
END_TEST

/* A group without a record, because the map was full: the group above stands for it. */
START_TEST(test_without_a_record)
{
	snapshot->meta.changed_at = 8000 * S;
	add_busy(10, "make", 9000, UNRECORDED);
	snapshot->busy[0].record.account_id = fixture_id("/a");
	ck_busy("cgroup", "/a", 8000 + FOR);
	ck_busy("cgroup", "/ab", 0);
	/* Removed between two looks: nobody knows where its process is now. */
	snapshot->busy[0].record.account_id = UNRECORDED;
	ck_assert_int_eq(find("cgroup", "/a"), 0);
	ck_has(answer.doubt, "a busy program moved");
	ck_assert_int_eq(idle_judge(&answer, NOW * S, S), IDLE_UNKNOWN);
	/* Everything is on the node. */
	ck_assert_int_eq(find(NULL, NULL), 0);
	ck_assert_int_eq(idle_judge(&answer, NOW * S, S), IDLE_ACTIVE);
}
END_TEST

START_TEST(test_doubt)
{
	fixture_cgroup("/a")->last_key = 9000 * S;
	snapshot->busy_unknown = "hidden";
	ck_assert_int_eq(find("cgroup", "/a"), 0);
	ck_assert_str_eq(answer.doubt, "hidden");
	ck_assert_int_eq(idle_judge(&answer, NOW * S, 500 * S), IDLE_UNKNOWN);
	ck_assert_int_eq(idle_judge(&answer, NOW * S, 1500 * S), IDLE_ACTIVE);
	snapshot->busy_unknown = NULL;
	/* An unknown group had a key at this time: it may have been this one, or not. */
	fixture_cgroup("/a")->last_key = 2000 * S;
	snapshot->stats[HB_STAT_UNPLACED_AT] = 7000 * S;
	add_busy(10, "make", 1500, fixture_id("/a"));
	ck_assert_int_eq(find("cgroup", "/a"), 0);
	ck_assert_int_eq(idle_judge(&answer, NOW * S, 500 * S), IDLE_UNKNOWN);
	ck_assert_int_eq(find("cgroup", "/ab"), 0);
	ck_assert_int_eq(idle_judge(&answer, NOW * S, 500 * S), IDLE_IDLE);
	/* It was before the last key of this group. */
	fixture_cgroup("/a")->last_key = 6300 * S;
	snapshot->stats[HB_STAT_UNPLACED_AT] = 6200 * S;
	ck_assert_int_eq(find("cgroup", "/a"), 0);
	ck_assert_int_eq(idle_judge(&answer, NOW * S, 300 * S), IDLE_IDLE);
	fixture_cgroup("/a")->last_key = 2000 * S;
	snapshot->stats[HB_STAT_UNPLACED_AT] = 6000 * S;
	ck_assert_int_eq(find("cgroup", "/a"), 0);
	ck_assert_int_eq(idle_judge(&answer, NOW * S, 300 * S), IDLE_IDLE);
}
END_TEST

START_TEST(test_each)
{
	struct activity_query query = {.by = ACTIVITY_NODE};
	struct activity *list = NULL;
	size_t count = 0;

	fixture_cgroup(SCOPE)->birth = 7000 * S;
	fixture_cgroup("/ab")->last_key = 9000 * S;
	add_busy(10, "make", 9000, fixture_id(SCOPE "/init"));
	add_busy(11, "make", 9000, fixture_id("/a"));
	add_busy(12, "make", 9000, fixture_id("/ab"));
	add_busy(13, "make", 9000, fixture_id("/ab"));
	ck_assert_int_eq(busy_place(snapshot), 0);
	ck_assert_int_eq(activity_each(snapshot, &query, &list, &count), 0);
	/* Not /a, where nothing was seen for too long. */
	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(list[0].cgroup_id, fixture_id("/ab"));
	ck_assert_int_eq(list[0].because, ACTIVITY_SINCE_BUSY);
	ck_assert_uint_eq(list[0].last, 9000 * S);
	ck_assert_uint_eq(list[0].until, (9000 + FOR) * S);
	ck_assert_uint_eq(list[1].cgroup_id, fixture_id(SCOPE "/init"));
	ck_assert_int_eq(list[1].because, ACTIVITY_SINCE_BUSY);
	ck_assert_uint_eq(list[1].until, (7000 + FOR) * S);
	free(list);
	query.by = ACTIVITY_PID;
	query.pid = 11;
	ck_assert_int_eq(activity_each(snapshot, &query, &list, &count), 0);
	ck_assert_uint_eq(count, 0);
	free(list);
}
END_TEST

/* Idle time of the workspace at @path counts from @since, in seconds, and so many keep it from that. */
static void ck_workspace(const char *path, uint64_t since, size_t busy)
{
	struct workspaces workspaces;
	bool found = false;

	ck_assert_int_eq(busy_place(snapshot), 0);
	ck_assert_int_eq(workspaces_find(snapshot, &workspaces), 0);
	for (size_t i = 0; i < workspaces.count; i++) {
		if (strcmp(workspaces.list[i].path, path) != 0)
			continue;
		ck_assert_uint_eq(workspaces.list[i].since / S, since);
		ck_assert_uint_eq(workspaces.list[i].busy, busy);
		found = true;
	}
	ck_assert(found);
	workspaces_release(&workspaces);
}

START_TEST(test_workspaces)
{
	uint64_t pod = add_cgroup(fixture_id("/pod"), "pod" POD_ID);
	uint64_t box = add_cgroup(pod, SUCCESSOR);

	/* Plain groups count for themselves. */
	fixture_cgroup("/a/sub")->last_key = 9000 * S;
	add_busy(10, "make", 9500, fixture_id("/a"));
	ck_workspace("/a", NOW, 1);
	ck_workspace("/a/sub", 9000, 0);
	/* A container that replaces another is active, and its pod is not. */
	add_busy(11, "make", 9500, box);
	add_busy(12, "cargo", 9500, box);
	ck_workspace("/pod/pod" POD_ID "/" SUCCESSOR, LOADED, 0);
	fixture_cgroup("/pod/pod" POD_ID "/" SUCCESSOR)->birth = 9100 * S;
	ck_workspace("/pod/pod" POD_ID "/" SUCCESSOR, NOW, 2);
	ck_workspace("/pod/pod" POD_ID, LOADED, 0);
	fixture_cgroup("/pod/pod" POD_ID)->birth = 9050 * S;
	ck_workspace("/pod/pod" POD_ID, NOW, 2);
	/* What is born inside a workspace changes nothing. */
	add_busy(13, "make", 9500, fixture_id(SCOPE "/init"));
	fixture_cgroup(SCOPE "/init")->birth = 9500 * S;
	ck_workspace(SCOPE, LOADED, 0);
	fixture_cgroup(SCOPE "/init")->last_key = 9600 * S;
	ck_workspace(SCOPE, NOW, 1);
}
END_TEST

/* Nothing tells a process, and nothing ends early. */
START_TEST(test_coarse)
{
	fixture_cgroup("/a")->last_key = (NOW - FOR) * S + S / 2;
	fixture_cgroup("/user-1000.slice")->birth = 9003 * S;
	add_busy(10, "make", 9001, fixture_id("/a"));
	add_busy(11, "cargo", 9002, fixture_id("/user-1000.slice"));
	ck_busy("cgroup", "/a", NOW);
	report_coarsen(&fixture_report);
	for (size_t i = 0; i < snapshot->busy_count; i++) {
		const struct hb_busy *record = &snapshot->busy[i].record;

		ck_assert_uint_eq(record->pid, 0);
		ck_assert_uint_eq(record->start, 0);
		ck_assert_str_eq(record->command, "");
		ck_assert_uint_eq(snapshot->busy[i].group_since % (COARSE_S * S), 0);
		ck_assert_uint_eq(snapshot->busy[i].workspace_since % (COARSE_S * S), 0);
	}
	ck_assert_uint_eq(snapshot->busy[1].record.cgroup_id, fixture_id("/"));
	for (int i = 0; i < 2; i++) {
		struct activity_query query = {.by = i ? ACTIVITY_CGROUP : ACTIVITY_NODE,
					       .name = "/a"};

		ck_assert_int_eq(activity_find(snapshot, &query, &answer), 0);
		ck_assert_int_eq(answer.activity.because, ACTIVITY_SINCE_BUSY);
		ck_assert_uint_eq(answer.activity.since % (COARSE_S * S), 0);
		ck_assert_uint_eq(answer.activity.until % (COARSE_S * S), 0);
		ck_assert_uint_eq(answer.activity.pid, 0);
		ck_assert_str_eq(answer.activity.program, "");
	}
}
END_TEST

/* --- Any tree, compared with a model that looks at one cgroup after the other ------------------- */

enum { GROUPS = 12, WORK = 3, ROUNDS = 3000, RANDOM_FOR = 40, LIMIT = 5 };

/* 64 digits, of which the first say which one it is. */
#define BOX_FORMAT "docker-%012x%052x.scope"

static struct {
	int parent;
	char kind; /* of a workspace: u, c, p; or - */
	uint64_t birth;
	uint64_t key;
	uint64_t id;
} groups[GROUPS];

static uint32_t seed = 1789;

static int below(int limit)
{
	/* Numerical Recipes: always the same numbers, on each machine. */
	seed = seed * 1664525 + 1013904223;
	return (int)((seed >> 16) % (uint32_t)limit);
}

/* Mostly 0: never. */
static uint64_t some_time(void)
{
	return below(3) ? 0 : (uint64_t)(NOW - 100 + below(100));
}

static void make_tree(void)
{
	static const char kinds[] = "--ccpu";
	char name[80];

	for (int i = 0; i < GROUPS; i++) {
		groups[i].parent = i ? below(i) : -1;
		groups[i].kind = '-';
		if (i)
			groups[i].kind = kinds[below((int)sizeof(kinds) - 1)];
		groups[i].birth = i ? some_time() : 0;
		groups[i].key = some_time();
		if (groups[i].kind == 'c')
			snprintf(name, sizeof(name), BOX_FORMAT, (unsigned int)i, 0U);
		else if (groups[i].kind == 'p')
			snprintf(name, sizeof(name), "pod%08x-2222-3333-4444-555555555555",
				 (unsigned int)i);
		else if (groups[i].kind == 'u')
			snprintf(name, sizeof(name), "user-%d.slice", i);
		else
			snprintf(name, sizeof(name), "plain-%d", i);
		groups[i].id = add_cgroup(i ? groups[groups[i].parent].id : 0, i ? name : "");
		snapshot->cgroups[i].record.birth = groups[i].birth * S;
		snapshot->cgroups[i].record.last_key = groups[i].key * S;
	}
}

static bool is_in(int inner, int outer)
{
	while (inner >= 0 && inner != outer)
		inner = groups[inner].parent;
	return inner == outer;
}

static uint64_t since(int group)
{
	uint64_t latest = groups[group].birth > LOADED ? groups[group].birth : LOADED;

	for (int i = 0; i < GROUPS; i++) {
		if (is_in(i, group) && groups[i].key > latest)
			latest = groups[i].key;
	}
	return latest;
}

/* Climb from @group: to the innermost container, then to a pod around it; or to a user's slice. */
static int home_of(int group)
{
	int home = -1;

	for (; group >= 0; group = groups[group].parent) {
		char kind = groups[group].kind;

		if (kind == 'p')
			return group;
		if (kind == 'c' && home >= 0 && groups[home].kind == 'c')
			return home;
		if (kind == 'c' || (kind == 'u' && home < 0))
			home = group;
	}
	return home;
}

static bool model_is_active(int asked, const int work[WORK])
{
	uint64_t from = since(asked);

	if (NOW - from < LIMIT)
		return true;
	for (int i = 0; i < WORK; i++) {
		int home = home_of(work[i]);
		uint64_t later = home >= 0 && since(home) > from ? since(home) : from;

		if (is_in(work[i], asked) && NOW < later + RANDOM_FOR)
			return true;
	}
	return false;
}

/* The metrics say the same of each workspace with all that is in it. */
static void ck_workspaces(const int work[WORK])
{
	struct workspaces workspaces;

	ck_assert_int_eq(workspaces_find(snapshot, &workspaces), 0);
	for (size_t i = 0; i < workspaces.count; i++) {
		const struct workspace *workspace = &workspaces.list[i];
		int group = 0;

		while (groups[group].id != workspace->cgroup_id)
			group++;
		if (workspace->whole)
			ck_assert_msg(model_is_active(group, work) ==
					      (NOW * S - workspace->since < LIMIT * S),
				      "workspace %s", workspace->path);
	}
	workspaces_release(&workspaces);
}

/* What anybody sees is that @busy groups are busy, too, whatever the rounding of times. */
static void ck_coarse(const bool busy[GROUPS])
{
	report_coarsen(&fixture_report);
	for (int asked = 0; asked < GROUPS; asked++) {
		struct activity_query query = {.by = ACTIVITY_CGROUP};
		char path[CGROUP_PATH_MAX];

		if (!busy[asked] || cgroup_tree_path(snapshot, groups[asked].id, path) < 0)
			continue;
		query.name = path;
		ck_assert_int_eq(activity_find(snapshot, &query, &answer), 0);
		ck_assert_int_eq(answer.activity.because, ACTIVITY_SINCE_BUSY);
	}
}

START_TEST(test_any_tree)
{
	unsigned int verdicts[2] = {0, 0};
	unsigned int workspaces = 0;

	for (int round = 0; round < ROUNDS; round++) {
		int work[WORK];
		bool busy[GROUPS];

		fixture_end();
		fixture_start();
		snapshot->meta.busy_for = RANDOM_FOR;
		snapshot->cgroup_count = 0;
		make_tree();
		for (int i = 0; i < WORK; i++) {
			work[i] = below(GROUPS);
			add_busy(10 + (uint32_t)i, "make", NOW - 50, groups[work[i]].id);
		}
		ck_assert_int_eq(snapshot_sum(snapshot), 0);
		for (int i = 0; i < GROUPS; i++) {
			/* What claims to be a workspace in vain is none. */
			if (snapshot->cgroups[i].disbelieved)
				groups[i].kind = '-';
			workspaces += groups[i].kind != '-';
		}
		ck_assert_int_eq(busy_place(snapshot), 0);
		for (int asked = 0; asked < GROUPS; asked++) {
			int own = home_of(asked);
			struct home home;

			ck_assert_int_eq(home_find(snapshot, groups[asked].id, &home), 0);
			ck_assert_uint_eq(home.cgroup_id, own < 0 ? 0 : groups[own].id);
			struct activity_query query = {.by = ACTIVITY_CGROUP};
			bool active = model_is_active(asked, work);
			char path[CGROUP_PATH_MAX];

			ck_assert_int_eq(cgroup_tree_path(snapshot, groups[asked].id, path), 0);
			query.name = path;
			ck_assert_int_eq(activity_find(snapshot, &query, &answer), 0);
			ck_assert_msg(idle_judge(&answer, NOW * S, LIMIT * S) ==
					      (active ? IDLE_ACTIVE : IDLE_IDLE),
				      "round %d: %s should be %s", round, path,
				      active ? "active" : "idle");
			verdicts[active]++;
			busy[asked] = answer.activity.because == ACTIVITY_SINCE_BUSY;
		}
		ck_workspaces(work);
		ck_coarse(busy);
	}
	ck_assert_uint_gt(workspaces, ROUNDS);
	ck_assert_uint_gt(verdicts[0], ROUNDS);
	ck_assert_uint_gt(verdicts[1], ROUNDS);
}
END_TEST

Suite *busy_suite(void)
{
	Suite *suite = suite_create("busy");
	TCase *tcase = tcase_create("busy");

	tcase_add_checked_fixture(tcase, start, fixture_end);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_ends);
	tcase_add_test(tcase, test_counts_from_the_last_key);
	tcase_add_test(tcase, test_counts_from_birth);
	tcase_add_test(tcase, test_replaced_container);
	tcase_add_test(tcase, test_user);
	tcase_add_test(tcase, test_several);
	tcase_add_test(tcase, test_watched_too);
	tcase_add_test(tcase, test_without_a_record);
	tcase_add_test(tcase, test_doubt);
	tcase_add_test(tcase, test_each);
	tcase_add_test(tcase, test_workspaces);
	tcase_add_test(tcase, test_coarse);
	tcase_add_test(tcase, test_any_tree);
	suite_add_tcase(suite, tcase);
	return suite;
}
