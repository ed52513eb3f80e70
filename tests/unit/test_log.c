// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Messages: bpf/lib/log.c */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "bpf/lib/log.h"
#include "tests/unit/capture.h"
#include "tests/unit/suites.h"

static const struct {
	const char *name;
	const char *shown;
} names[] = {
	{"vim", "vim"},
	{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
	{"\x1b]0;owned\x07", "?]0;owned?"},
	{"a\nhb-read: b\r", "a?hb-read: b?"},
	{"\xc2\x9b"
	 "1m",
	 "??1m"},
	{"txt.\xe2\x80\xae"
	 "exe",
	 "txt.???exe"},
	{"\xff", "?"},
};

/* Whoever chose a name that a message has must not be able to write to the terminal. */
START_TEST(test_names_are_harmless)
{
	char expected[256];
	char message[256];
	struct reason why;

	capture_messages(message, sizeof(message));
	ck_assert_int_eq(log_error(-EBUSY, "taken by %s.\n", names[_i].name), -EBUSY);
	capture_messages(NULL, 0);
	snprintf(expected, sizeof(expected), "activity-heartbeat: taken by %s.\n", names[_i].shown);
	ck_assert_str_eq(message, expected);
	reason_set_errno(&why, -EBUSY, "%s", names[_i].name);
	snprintf(expected, sizeof(expected), "%s: %s", names[_i].shown, strerror(EBUSY));
	ck_assert_str_eq(why.text, expected);
}
END_TEST

/* A message that is too long is cut, also within a character. */
START_TEST(test_long_messages)
{
	char long_name[2047]; /* 682 characters and the NUL */
	struct reason why;

	for (size_t i = 0; i < sizeof(long_name) - 1; i += 3)
		memcpy(long_name + i, "\xe2\x82\xac", 3);
	long_name[sizeof(long_name) - 1] = '\0';
	reason_set(&why, 0, "%s", long_name);
	ck_assert_uint_eq(strlen(why.text), sizeof(why.text) - 1);
	ck_assert_int_ne(why.text[sizeof(why.text) - 2] & 0x80, 0);
	reason_set(&why, 0, "x%s", long_name);
	ck_assert_str_eq(why.text + sizeof(why.text) - 3, "??");
}
END_TEST

Suite *log_suite(void)
{
	Suite *suite = suite_create("log");
	TCase *tcase = tcase_create("log");

	tcase_add_loop_test(tcase, test_names_are_harmless, 0,
			    (int)(sizeof(names) / sizeof(names[0])));
	tcase_add_test(tcase, test_long_messages);
	suite_add_tcase(suite, tcase);
	return suite;
}
