// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random lives of processes and control groups: the rules of bpf/, and the answers that the reader
 * gives from the records that they write. See tests/unit/bpf_model.h.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "reader/activity/activity.h"
#include "reader/maps/cgroup_tree.h"
#include "tests/unit/account_steps.h"
#include "tests/unit/suites.h"

enum {
	BATCHES = 20,
	HISTORIES = 500, /* in a batch */
	CHANGED_AT = 1,
};

static void read_map(const struct model_map *map, int (*add)(void *, const void *, const void *),
		     struct snapshot *snapshot)
{
	for (size_t i = 0; i < MODEL_ENTRIES; i++) {
		if (map->entries[i].used)
			ck_assert_int_eq(add(snapshot, map->entries[i].key, map->entries[i].value),
					 0);
	}
}

static void take(struct snapshot *snapshot)
{
	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->exact = snapshot->complete = true;
	snapshot->taken_at = model_now;
	snapshot->meta.rule = rule;
	snapshot->meta.hook = hook;
	snapshot->meta.changed_at = CHANGED_AT;
	for (uint32_t i = 0; i < HB_STATS; i++)
		snapshot->stats[i] = *(uint64_t *)bpf_map_lookup_elem(&stats, &i);
	read_map(&processes, snapshot_add_process, snapshot);
	read_map(&cgroups, snapshot_add_cgroup, snapshot);
	read_map(&programs, snapshot_add_program, snapshot);
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
}

/* Not earlier than the last key there; nor later than anything that happened there. */
static void check_group(const struct snapshot *snapshot, const struct group *group)
{
	struct activity_query query = {.by = ACTIVITY_CGROUP};
	const struct snapshot_cgroup *record = snapshot_find_cgroup(snapshot, group->node.id);
	struct activity_answer answer;
	char path[CGROUP_PATH_MAX];
	uint64_t bound;

	if (!record)
		return;
	ck_assert_msg(group->exists, "%s is gone, its record is not: %s", group->name, history);
	ck_assert_msg(cgroup_tree_path(snapshot, record->id, path) == 0, "%s has no path: %s",
		      group->name, history);
	query.name = path;
	ck_assert_int_eq(activity_find(snapshot, &query, &answer), 0);
	ck_assert_msg(answer.activity.since >= group->last_key ||
			      answer.doubt_until >= group->last_key,
		      "%s idle since %" PRIu64 ", but a key at %" PRIu64 ": %s", path,
		      answer.activity.since / STEP_NS, group->last_key / STEP_NS, history);
	ck_assert_msg(answer.activity.since >= group->opened || answer.doubt_until >= group->opened,
		      "%s idle since %" PRIu64 ", but a program started at %" PRIu64 ": %s", path,
		      answer.activity.since / STEP_NS, group->opened / STEP_NS, history);
	bound = CHANGED_AT;
	raise(&bound, record->record.birth);
	raise(&bound, group->latest);
	/* What could not be placed is the root's. */
	ck_assert_msg(answer.activity.since <= bound,
		      "%s active at %" PRIu64 ", but the last was at %" PRIu64 ": %s", path,
		      answer.activity.since / STEP_NS, bound / STEP_NS, history);
}

/* Each beat is in one group and one program. */
static void check_counts(const struct snapshot *snapshot)
{
	uint64_t by_program = 0;
	uint64_t by_group = 0;

	for (size_t i = 0; i < snapshot->cgroup_count; i++)
		by_group += snapshot->cgroups[i].record.beats;
	for (size_t i = 0; i < snapshot->program_count; i++)
		by_program += snapshot->programs[i].beats;
	ck_assert_msg(by_program == beats, "%" PRIu64 " beats by program, %" PRIu64 " in all: %s",
		      by_program, beats, history);
	/* A group may be gone before the end of a process in it is seen. */
	ck_assert_msg(by_group == beats || missed > 0,
		      "%" PRIu64 " beats by group, %" PRIu64 " in all: %s", by_group, beats,
		      history);
}

static void check_all(void)
{
	struct snapshot snapshot;

	take(&snapshot);
	for (size_t i = 0; i < group_count; i++)
		check_group(&snapshot, &groups[i]);
	check_counts(&snapshot);
	snapshot_release(&snapshot);
}

/* Fewer where each takes longer: with sanitizers, and under valgrind. */
static int count_histories(void)
{
	const char *slower = getenv("CK_TIMEOUT_MULTIPLIER");

	return slower && atoi(slower) > 1 ? HISTORIES / 5 / atoi(slower) : HISTORIES;
}

START_TEST(test_histories)
{
	int count = count_histories();

	random_state = 0x9e3779b97f4a7c15ULL * ((uint64_t)_i + 1);
	next_pid = 100;
	model_now = 1000000;
	terminal_private.file = &terminal_file;
	for (int i = 0; i < count; i++) {
		hook = i % 2 ? HB_METHOD_FENTRY : HB_METHOD_TRACEPOINT;
		start_history();
		for (int at = 0; at < STEPS; at++) {
			model_now += STEP_NS;
			note("%" PRIu64 " ", model_now / STEP_NS);
			step();
			if (at % 8 == 7)
				check_all();
		}
		check_all();
	}
}
END_TEST

/* hb-load makes two passes over all groups: they count the groups of ordinary users once. */
START_TEST(test_groups_of_users)
{
	struct kernfs_iattrs owner = {.ia_uid = {1000}};
	struct group *group;

	group_count = task_count = 0;
	model_load(HB_RULE_ANY, false, 4, 8);
	model_now = 1000000;
	group = new_group(new_group(NULL));
	group->node.iattr = &owner;
	manager.set.dfl_cgrp = &groups[0].cgroup;
	manager.task.cgroups = &manager.set;
	load_again();
	load_again();
	ck_assert_uint_eq(cgroups_of_users, 1);
	model_task = &manager.task;
	call(cgroup_removed, &group->cgroup, NULL, NULL);
	ck_assert_uint_eq(cgroups_of_users, 0);
}
END_TEST

Suite *account_suite(void)
{
	Suite *suite = suite_create("account");
	TCase *tcase = tcase_create("account");

	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, test_histories, 0, BATCHES);
	tcase_add_test(tcase, test_groups_of_users);
	suite_add_tcase(suite, tcase);
	return suite;
}
