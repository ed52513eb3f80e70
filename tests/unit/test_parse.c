// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Parsing of numbers, durations and names: bpf/lib/parse.c */
#include <errno.h>

#include <check.h>
#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/parse.h"
#include "tests/unit/suites.h"

static const struct {
	const char *text;
	uint64_t min;
	uint64_t max;
	int result;
	uint64_t value;
} numbers[] = {
	{"0", 0, 10, 0, 0},
	{"10", 0, 10, 0, 10},
	{"007", 0, 10, 0, 7},
	{"18446744073709551615", 0, UINT64_MAX, 0, UINT64_MAX},
	{"18446744073709551616", 0, UINT64_MAX, -ERANGE, 0},
	{"11", 0, 10, -ERANGE, 0},
	{"4", 5, 10, -ERANGE, 0},
	{"", 0, 10, -EINVAL, 0},
	{" 1", 0, 10, -EINVAL, 0},
	{"1 ", 0, 10, -EINVAL, 0},
	{"+1", 0, 10, -EINVAL, 0},
	{"-1", 0, UINT64_MAX, -EINVAL, 0},
	{"0x1", 0, 10, -EINVAL, 0},
	{"1.0", 0, 10, -EINVAL, 0},
	{"one", 0, 10, -EINVAL, 0},
};

START_TEST(test_number)
{
	const uint64_t before = 4711;
	uint64_t value = before;

	ck_assert_int_eq(parse_u64(numbers[_i].text, numbers[_i].min, numbers[_i].max, &value),
			 numbers[_i].result);
	ck_assert_uint_eq(value, numbers[_i].result == 0 ? numbers[_i].value : before);
}
END_TEST

#define MAX UINT64_MAX
#define S   1000000000UL

static const struct {
	const char *text;
	uint64_t min;
	uint64_t max;
	int result;
	uint64_t ns;
} durations[] = {
	{"0", 0, MAX, 0, 0},
	{"1", 0, MAX, 0, S},
	{"90", 0, MAX, 0, 90 * S},
	{"90s", 0, MAX, 0, 90 * S},
	{"30m", 0, MAX, 0, 1800 * S},
	{"2h", 0, MAX, 0, 7200 * S},
	{"3d", 0, MAX, 0, 259200 * S},
	{"007m", 0, MAX, 0, 420 * S},
	{"1.5", 0, MAX, 0, 1500000000},
	{"1.5h", 0, MAX, 0, 5400 * S},
	{".5m", 0, MAX, 0, 30 * S},
	{"1.", 0, MAX, 0, S},
	{"0.25d", 0, MAX, 0, 21600 * S},
	{"0.000000001", 0, MAX, 0, 1},
	/* Less than a nanosecond is dropped. */
	{"1.0000000019", 0, MAX, 0, S + 1},
	{"1m", 60 * S, 60 * S, 0, 60 * S},
	{"59.999999999", 60 * S, MAX, -ERANGE, 0},
	{"1.000000001m", 0, 60 * S, -ERANGE, 0},
	{"61", 0, 60 * S, -ERANGE, 0},
	{"18446744073", 0, MAX, 0, 18446744073 * S},
	{"18446744074", 0, MAX, -ERANGE, 0},
	{"213504d", 0, MAX, -ERANGE, 0},
	{"18446744073709551616", 0, MAX, -ERANGE, 0},
	{"18446744073709551617d", 0, MAX, -ERANGE, 0},
	{"", 0, MAX, -EINVAL, 0},
	{".", 0, MAX, -EINVAL, 0},
	{"m", 0, MAX, -EINVAL, 0},
	{".m", 0, MAX, -EINVAL, 0},
	{"-1", 0, MAX, -EINVAL, 0},
	{"+1", 0, MAX, -EINVAL, 0},
	{" 1", 0, MAX, -EINVAL, 0},
	{"1 ", 0, MAX, -EINVAL, 0},
	{"1 m", 0, MAX, -EINVAL, 0},
	{"1M", 0, MAX, -EINVAL, 0},
	{"1ms", 0, MAX, -EINVAL, 0},
	{"1min", 0, MAX, -EINVAL, 0},
	{"1m30s", 0, MAX, -EINVAL, 0},
	{"1.2.3", 0, MAX, -EINVAL, 0},
	{"1,5", 0, MAX, -EINVAL, 0},
	{"1e3", 0, MAX, -EINVAL, 0},
	{"0x10", 0, MAX, -EINVAL, 0},
	{"inf", 0, MAX, -EINVAL, 0},
	{"forever", 0, MAX, -EINVAL, 0},
};

START_TEST(test_duration)
{
	const uint64_t before = 4711;
	uint64_t ns = before;

	ck_assert_int_eq(parse_duration(durations[_i].text, durations[_i].min, durations[_i].max,
					&ns),
			 durations[_i].result);
	ck_assert_uint_eq(ns, durations[_i].result == 0 ? durations[_i].ns : before);
}
END_TEST

START_TEST(test_rules)
{
	static const char *const names[] = {"stdin", "any", "keys"};

	for (uint32_t i = 0; i < 3; i++) {
		ck_assert_str_eq(rule_name(i), names[i]);
		ck_assert_str_eq(rule_names[i], names[i]);
	}
	ck_assert_int_eq(HB_RULE_STDIN, 0);
	ck_assert_int_eq(HB_RULE_KEYS, 2);
	ck_assert_str_eq(rule_name(3), "unknown");
	ck_assert_ptr_null(rule_names[3]);
}
END_TEST

START_TEST(test_hooks)
{
	ck_assert_str_eq(method_name(HB_METHOD_TRACEPOINT), "tracepoint");
	ck_assert_str_eq(method_name(HB_METHOD_FENTRY), "fentry");
	ck_assert_str_eq(method_name(2), "unknown");
	ck_assert_str_eq(method_name(UINT32_MAX), "unknown");
	ck_assert_str_eq(hook_choices[0], "auto");
	ck_assert_ptr_null(hook_choices[3]);
}
END_TEST

Suite *parse_suite(void)
{
	Suite *suite = suite_create("parse");
	TCase *tcase = tcase_create("parse");

	tcase_add_loop_test(tcase, test_number, 0, sizeof(numbers) / sizeof(numbers[0]));
	tcase_add_loop_test(tcase, test_duration, 0, sizeof(durations) / sizeof(durations[0]));
	tcase_add_test(tcase, test_rules);
	tcase_add_test(tcase, test_hooks);
	suite_add_tcase(suite, tcase);
	return suite;
}
