// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Beats in the last minutes: reader/page/history.c */
#include <string.h>

#include <check.h>

#include "reader/page/history.h"
#include "tests/unit/suites.h"

static struct history *history;
static struct snapshot_program programs[3];
static struct snapshot_cgroup cgroups[2];
static struct snapshot snapshot;
static uint64_t points[HISTORY_POINTS];

static void start(void)
{
	memset(programs, 0, sizeof(programs));
	memset(cgroups, 0, sizeof(cgroups));
	strcpy(programs[0].name, "vim");
	strcpy(programs[1].name, "ed");
	strcpy(programs[2].name, "new");
	cgroups[0].id = 7;
	cgroups[1].id = 7ULL << 32;
	snapshot = (struct snapshot){
		.programs = programs,
		.program_count = 2,
		.cgroups = cgroups,
		.cgroup_count = 2,
	};
	history = history_new();
	ck_assert_ptr_nonnull(history);
}

static void end(void)
{
	history_free(history);
}

static void add(uint64_t vim, uint64_t cgroup)
{
	programs[0].beats = vim;
	cgroups[0].record.beats = cgroup;
	ck_assert_int_eq(history_add(history, &snapshot), 0);
}

static void read_program(const char *name)
{
	char key[HB_COMM_LEN] = {0};

	memcpy(key, name, strlen(name));
	memset(points, 0, sizeof(points));
	history_sum_program(history, key, points);
}

/* The last points, and that those before are 0. */
static void ck_points(size_t count, const uint64_t *expected)
{
	for (size_t i = 0; i < HISTORY_POINTS - count; i++)
		ck_assert_uint_eq(points[i], 0);
	for (size_t i = 0; i < count; i++)
		ck_assert_uint_eq(points[HISTORY_POINTS - count + i], expected[i]);
}

/* Beats before the first snapshot do not belong to the last minutes. */
START_TEST(test_differences)
{
	add(1000, 500);
	read_program("vim");
	ck_points(0, NULL);
	add(1003, 505);
	add(1003, 505);
	add(1010, 512);
	read_program("vim");
	ck_points(3, (const uint64_t[]){3, 0, 7});
	read_program("ed");
	ck_points(0, NULL);
	read_program("none");
	ck_points(0, NULL);
	memset(points, 0, sizeof(points));
	history_sum_cgroup(history, 7, points);
	ck_points(3, (const uint64_t[]){5, 0, 7});
	memset(points, 0, sizeof(points));
	history_sum_cgroup(history, 7ULL << 32, points);
	ck_points(0, NULL);
}
END_TEST

START_TEST(test_sums_are_added)
{
	add(0, 0);
	add(2, 3);
	memset(points, 0, sizeof(points));
	history_sum_program(history, programs[0].name, points);
	history_sum_cgroup(history, 7, points);
	ck_points(1, (const uint64_t[]){5});
}
END_TEST

/* What appears later had its beats since; what goes is forgotten, and is new when it comes again.
 */
START_TEST(test_coming_and_going)
{
	add(10, 0);
	programs[2].beats = 4;
	snapshot.program_count = 3;
	add(11, 0);
	read_program("new");
	ck_points(1, (const uint64_t[]){4});
	snapshot.program_count = 2;
	add(13, 0);
	read_program("new");
	ck_points(0, NULL);
	read_program("vim");
	ck_points(2, (const uint64_t[]){1, 2});
}
END_TEST

/* After another load counts start at 0, so the difference is not a number of beats. */
START_TEST(test_counting_restarts)
{
	add(100, 0);
	add(107, 0);
	add(5, 0);
	add(8, 0);
	read_program("vim");
	ck_points(3, (const uint64_t[]){7, 0, 3});
	add(8 + (1ULL << 40), 0);
	read_program("vim");
	ck_points(4, (const uint64_t[]){7, 0, 3, UINT32_MAX});
}
END_TEST

START_TEST(test_old_points_leave)
{
	uint64_t total = 0;

	add(0, 0);
	for (uint64_t i = 1; i <= HISTORY_POINTS + 5; i++)
		add(total += i, 0);
	read_program("vim");
	for (uint64_t i = 0; i < HISTORY_POINTS; i++)
		ck_assert_uint_eq(points[i], i + 6);
}
END_TEST

Suite *history_suite(void)
{
	Suite *suite = suite_create("history");
	TCase *tcase = tcase_create("history");

	tcase_add_checked_fixture(tcase, start, end);
	tcase_add_test(tcase, test_differences);
	tcase_add_test(tcase, test_sums_are_added);
	tcase_add_test(tcase, test_coming_and_going);
	tcase_add_test(tcase, test_counting_restarts);
	tcase_add_test(tcase, test_old_points_leave);
	suite_add_tcase(suite, tcase);
	return suite;
}
