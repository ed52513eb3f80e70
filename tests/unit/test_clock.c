// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Boot time and the time of day: bpf/lib/clock.c */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <check.h>

#include "bpf/lib/clock.h"
#include "tests/unit/suites.h"

static const uint64_t ns_per_s = 1000000000;

static const struct {
	uint64_t time;
	const char *text;
} times[] = {
	{0, "1970-01-01T00:00:00.000000000Z"},
	{1, "1970-01-01T00:00:00.000000001Z"},
	{951782399999999999, "2000-02-28T23:59:59.999999999Z"},
	{951782400000000000, "2000-02-29T00:00:00.000000000Z"},
	{1628815021831806232, "2021-08-13T00:37:01.831806232Z"},
	{4102444800000000000, "2100-01-01T00:00:00.000000000Z"},
};

START_TEST(test_rfc3339)
{
	char text[CLOCK_RFC3339_LEN];

	clock_rfc3339(text, times[_i].time);
	ck_assert_str_eq(text, times[_i].text);
}
END_TEST

START_TEST(test_boot)
{
	uint64_t before = clock_boot_ns();
	uint64_t after = clock_boot_ns();
	struct timespec boot;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	ck_assert_uint_gt(before, 0);
	ck_assert_uint_le(before, after);
	ck_assert_uint_le(after, (uint64_t)boot.tv_sec * ns_per_s + (uint64_t)boot.tv_nsec);
}
END_TEST

/* What a beat of now is shown as lies between what the clock says before and after. */
START_TEST(test_offset)
{
	const uint64_t tolerance = 1000000;
	struct timespec before;
	struct timespec after;
	uint64_t now;

	clock_gettime(CLOCK_REALTIME, &before);
	now = clock_boot_ns() + clock_offset_ns();
	clock_gettime(CLOCK_REALTIME, &after);
	ck_assert_uint_ge(now + tolerance,
			  (uint64_t)before.tv_sec * ns_per_s + (uint64_t)before.tv_nsec);
	ck_assert_uint_le(now,
			  (uint64_t)after.tv_sec * ns_per_s + (uint64_t)after.tv_nsec + tolerance);
}
END_TEST

/* Lines stay in order: the offset does not tremble, from one batch to the next. */
START_TEST(test_offset_stays)
{
	const int reads = 100;
	uint64_t last = clock_offset_ns();
	int changes = 0;

	for (int i = 0; i < reads; i++) {
		uint64_t offset = clock_offset_ns();

		changes += offset != last;
		last = offset;
	}
	/* A clock that is slewed meanwhile may change it once or so. */
	ck_assert_int_le(changes, 2);
}
END_TEST

static const struct {
	const char *text;
	int64_t shift;
} shifts[] = {
	/* As Linux prints them. */
	{"monotonic           0         0\nboottime            0         0\n", 0},
	{"monotonic        3600         5\nboottime        86400         0\n", 86400000000000},
	{"monotonic           0         0\nboottime          -10 500000000\n", -9500000000},
	{"boottime 1 999999999\nmonotonic 7 7\n", 1999999999},
	{"monotonic 7 7\n", 0},
	{"boottime x 0\n", 0},
	{"boottime\n", 0},
	{"", 0},
};

START_TEST(test_shift)
{
	char text[128];
	FILE *offsets;

	strcpy(text, shifts[_i].text);
	offsets = fmemopen(text, strlen(text), "r");
	ck_assert_ptr_nonnull(offsets);
	ck_assert_int_eq(clock_parse_shift(offsets), shifts[_i].shift);
	fclose(offsets);
}
END_TEST

Suite *clock_suite(void)
{
	Suite *suite = suite_create("clock");
	TCase *tcase = tcase_create("clock");

	tcase_add_loop_test(tcase, test_rfc3339, 0, sizeof(times) / sizeof(times[0]));
	tcase_add_loop_test(tcase, test_shift, 0, sizeof(shifts) / sizeof(shifts[0]));
	tcase_add_test(tcase, test_boot);
	tcase_add_test(tcase, test_offset);
	tcase_add_test(tcase, test_offset_stays);
	suite_add_tcase(suite, tcase);
	return suite;
}
