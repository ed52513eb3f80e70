// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which lists of watched programs go with which rule: loader/programs.c */
#include <errno.h>
#include <string.h>

#include <check.h>

#include "loader/programs.h"
#include "tests/unit/capture.h"
#include "tests/unit/suites.h"

static const struct {
	const char *text;
	__u32 rule;
	int result;
} rules[] = {
	{HB_PROGRAMS_DEFAULT, HB_RULE_STDIN, 0},
	{HB_PROGRAMS_DEFAULT, HB_RULE_ANY, 0},
	{HB_PROGRAMS_DEFAULT, HB_RULE_KEYS, 0},
	{"*", HB_RULE_KEYS, 0},
	{"vim,*", HB_RULE_KEYS, 0},
	{"*", HB_RULE_ANY, -EINVAL},
	{"*", HB_RULE_STDIN, -EINVAL},
	{"vim,*,ed", HB_RULE_ANY, -EINVAL},
	{"\"**\"", HB_RULE_ANY, 0},
	{"\"vim*\"", HB_RULE_ANY, 0},
};

/* The reason says what to do. */
START_TEST(test_rule)
{
	struct names programs = {0};
	struct reason why = {0};
	char message[1024] = "";

	ck_assert_int_eq(names_add(&programs, rules[_i].text, NULL), 0);
	ck_assert_int_eq(programs_check_rule(&programs, rules[_i].rule, &why), rules[_i].result);
	if (rules[_i].result == 0)
		return;
	ck_assert_ptr_nonnull(strstr(why.text, "add --rule keys"));
	capture_messages(message, sizeof(message));
	ck_assert_int_eq(programs_check_rule(&programs, rules[_i].rule, NULL), -EINVAL);
	capture_messages(NULL, 0);
	ck_assert_ptr_nonnull(strstr(message, "add --rule keys"));
}
END_TEST

Suite *programs_suite(void)
{
	Suite *suite = suite_create("programs");
	TCase *tcase = tcase_create("rule");

	tcase_add_loop_test(tcase, test_rule, 0, (int)(sizeof(rules) / sizeof(rules[0])));
	suite_add_tcase(suite, tcase);
	return suite;
}
