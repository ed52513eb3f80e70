// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Parsing of numbers and names: bpf/lib/parse.c */
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
	tcase_add_test(tcase, test_rules);
	tcase_add_test(tcase, test_hooks);
	suite_add_tcase(suite, tcase);
	return suite;
}
