// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The sums of a snapshot: reader/maps/snapshot_sum.c */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "reader/maps/snapshot_sum.h"
#include "tests/unit/suites.h"

static struct snapshot snapshot;

static void start(void)
{
	memset(&snapshot, 0, sizeof(snapshot));
}

static void end(void)
{
	snapshot_release(&snapshot);
}

static void add_process(uint32_t pid, const char *command, uint64_t beats, uint64_t last_beat,
			uint64_t cgroup, uint64_t elsewhere)
{
	struct hb_process record = {
		.beats = beats,
		.last_beat = last_beat,
		.last_key = last_beat / 2,
		.opened_at = last_beat / 3,
		.cgroup_id = cgroup,
		.account_id = cgroup,
		.beats_elsewhere = elsewhere,
	};

	memcpy(record.command, command, strnlen(command, sizeof(record.command)));
	ck_assert_int_eq(snapshot_add_process(&snapshot, &pid, &record), 0);
}

static void add_program(const char *name, uint64_t beats, uint64_t last_beat)
{
	struct hb_program record = {
		.beats = beats,
		.last_beat = last_beat,
		.last_key = last_beat / 2,
		.opened_at = last_beat / 3,
	};
	char key[HB_COMM_LEN] = {0};

	memcpy(key, name, strnlen(name, sizeof(key)));
	ck_assert_int_eq(snapshot_add_program(&snapshot, key, &record), 0);
}

static void add_cgroup(uint64_t id, uint64_t beats, uint64_t last_beat)
{
	struct hb_cgroup record = {.beats = beats, .last_beat = last_beat};

	ck_assert_int_eq(snapshot_add_cgroup(&snapshot, &id, &record), 0);
}

static const struct snapshot_program *program(const char *name)
{
	for (size_t i = 0; i < snapshot.program_count; i++) {
		if (strcmp(snapshot.programs[i].name, name) == 0)
			return &snapshot.programs[i];
	}
	ck_abort_msg("no program %s", name);
	return NULL;
}

START_TEST(test_nothing)
{
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
	ck_assert_uint_eq(snapshot.process_count, 0);
	ck_assert_ptr_null(snapshot_find_cgroup(&snapshot, 1));
}
END_TEST

START_TEST(test_sums)
{
	add_program("vim", 100, 50);
	add_program("ed", 7, 900);
	add_program("nano", 0, 0);
	add_process(30, "vim", 10, 70, 5, 4);
	add_process(4, "vim", 1, 60, 6, 0);
	add_process(1000, "ed", 2, 800, 5, 0);
	add_cgroup(6, 0, 0);
	add_cgroup(5, 1000, 65);
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);

	ck_assert_uint_eq(program("vim")->beats, 111);
	ck_assert_uint_eq(program("vim")->last_beat, 70);
	ck_assert_uint_eq(program("vim")->processes, 2);
	ck_assert_uint_eq(program("vim")->last_key, 35);
	/* This is of ended processes alone. */
	ck_assert_uint_eq(program("vim")->opened_at, 16);
	ck_assert_uint_eq(program("ed")->beats, 9);
	ck_assert_uint_eq(program("ed")->last_beat, 900);
	ck_assert_uint_eq(program("nano")->beats, 0);
	ck_assert_uint_eq(program("nano")->processes, 0);

	/* Beats that a process made in earlier cgroups were credited to those. */
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 5)->record.beats, 1000 + 6 + 2);
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 5)->record.last_beat, 800);
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 5)->record.last_key, 400);
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 5)->record.opened_at, 266);
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 6)->record.beats, 1);
	ck_assert_ptr_null(snapshot_find_cgroup(&snapshot, 7));
}
END_TEST

/* A group without a record: the account of its processes is above it. */
START_TEST(test_account)
{
	add_cgroup(5, 10, 1);
	add_process(1, "vim", 3, 900, 7, 1);
	snapshot.processes[0].record.account_id = 5;
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 5)->record.beats, 12);
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 5)->record.last_beat, 900);
	ck_assert_uint_eq(snapshot.stats[HB_STAT_UNPLACED_AT], 0);
}
END_TEST

/* It ended unseen and its group is gone, but no collection has found that yet. */
START_TEST(test_unplaced)
{
	snapshot.stats[HB_STAT_UNPLACED_AT] = 70;
	add_cgroup(1, 10, 1);
	add_process(1, "vim", 4, 800, 8, 1);
	add_process(2, "vim", 4, 60, 1, 1);
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 1)->record.beats, 16);
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 1)->record.last_key, 400);
	ck_assert_uint_eq(snapshot.stats[HB_STAT_UNPLACED_AT], 800);
	ck_assert_uint_eq(snapshot.cgroup_count, 1);
}
END_TEST

/* While counts move, cgroups are read twice: a removed one is found in the first reading at least. */
START_TEST(test_cgroups_read_twice)
{
	add_cgroup(6, 1, 10);
	add_cgroup(5, 20, 40);
	add_cgroup(7, 9, 9);
	snapshot.cgroups[0].record.last_key = 8;
	snapshot.cgroups[0].record.opened_at = 7;
	add_cgroup(5, 25, 50);
	add_cgroup(6, 1, 9);
	snapshot.cgroups[4].record.last_key = 9;
	snapshot.cgroups[4].record.opened_at = 6;
	add_process(1, "vim", 3, 30, 5, 0);
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
	ck_assert_uint_eq(snapshot.cgroup_count, 3);
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 5)->record.last_beat, 50);
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 6)->record.last_beat, 10);
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 6)->record.last_key, 9);
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 6)->record.opened_at, 7);
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 7)->record.beats, 9);
	/* The counts of one reading, not the sum of both. */
	ck_assert_uint_eq(snapshot_find_cgroup(&snapshot, 6)->record.beats, 1);
	ck_assert_uint_le(snapshot_find_cgroup(&snapshot, 5)->record.beats, 28);
}
END_TEST

START_TEST(test_sorted)
{
	/* More than one doubling of the arrays, in no order. */
	for (uint32_t i = 0; i < 300; i++) {
		char name[HB_COMM_LEN];

		snprintf(name, sizeof(name), "p%u", i * 7 % 300);
		add_program(name, 1, 1);
		add_process(i * 11 % 300 + 1, name, 1, i, i, 0);
		add_cgroup((uint64_t)(i * 13 % 300) << 33, 1, 1);
	}
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
	ck_assert_uint_eq(snapshot.process_count, 300);
	ck_assert_uint_eq(snapshot.program_count, 300);
	ck_assert_uint_eq(snapshot.cgroup_count, 300);
	for (size_t i = 0; i < 300; i++)
		ck_assert_uint_eq(snapshot.processes[i].pid, i + 1);
	for (size_t i = 1; i < 300; i++) {
		ck_assert_int_lt(strcmp(snapshot.programs[i - 1].name, snapshot.programs[i].name),
				 0);
		ck_assert_uint_lt(snapshot.cgroups[i - 1].id, snapshot.cgroups[i].id);
	}
	for (size_t i = 0; i < 300; i++)
		ck_assert_uint_eq(snapshot.programs[i].beats, 2);
}
END_TEST

START_TEST(test_program_off_the_list)
{
	add_program("vim", 5, 5);
	add_process(1, "joe", 3, 9, 1, 0);
	add_process(2, "joe", 4, 8, 1, 0);
	add_process(3, "a", 1, 1, 1, 0);
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
	ck_assert_uint_eq(snapshot.program_count, 3);
	ck_assert_str_eq(snapshot.programs[0].name, "a");
	ck_assert_uint_eq(program("joe")->beats, 7);
	ck_assert_uint_eq(program("joe")->processes, 2);
	ck_assert_uint_eq(program("vim")->beats, 5);
}
END_TEST

/* With HB_ANY_PROGRAM on the list, all names that are not count as that. */
START_TEST(test_any_program)
{
	add_program(HB_ANY_PROGRAM, 5, 5);
	add_program("vim", 1, 1);
	add_process(1, "bash", 3, 9, 1, 0);
	add_process(2, "node", 4, 8, 1, 0);
	add_process(3, "vim", 1, 1, 1, 0);
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
	ck_assert_uint_eq(snapshot.program_count, 2);
	ck_assert_uint_eq(program(HB_ANY_PROGRAM)->beats, 12);
	ck_assert_uint_eq(program(HB_ANY_PROGRAM)->processes, 2);
	ck_assert_uint_eq(program(HB_ANY_PROGRAM)->last_beat, 9);
	ck_assert_uint_eq(program("vim")->beats, 2);
}
END_TEST

/* Names of 15 bytes fill the record up to its NUL; what is not ended is cut, not run over. */
START_TEST(test_long_names)
{
	add_program("abcdefghijklmno", 1, 1);
	add_process(1, "abcdefghijklmnopqrst", 2, 2, 1, 0);
	ck_assert_int_eq(snapshot_sum(&snapshot), 0);
	ck_assert_uint_eq(snapshot.program_count, 1);
	ck_assert_uint_eq(program("abcdefghijklmno")->beats, 3);
	ck_assert_str_eq(snapshot.processes[0].record.command, "abcdefghijklmno");
}
END_TEST

START_TEST(test_lost)
{
	snapshot.lost[0] = 3;
	snapshot.lost[HB_READERS_MAX - 1] = 4;
	ck_assert_uint_eq(snapshot_lost(&snapshot), 7);
}
END_TEST

Suite *snapshot_suite(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tcase = tcase_create("snapshot");

	tcase_add_checked_fixture(tcase, start, end);
	tcase_add_test(tcase, test_nothing);
	tcase_add_test(tcase, test_sums);
	tcase_add_test(tcase, test_account);
	tcase_add_test(tcase, test_unplaced);
	tcase_add_test(tcase, test_cgroups_read_twice);
	tcase_add_test(tcase, test_sorted);
	tcase_add_test(tcase, test_program_off_the_list);
	tcase_add_test(tcase, test_any_program);
	tcase_add_test(tcase, test_long_names);
	tcase_add_test(tcase, test_lost);
	suite_add_tcase(suite, tcase);
	return suite;
}
