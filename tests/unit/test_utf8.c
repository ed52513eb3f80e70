// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* UTF-8, and the characters that may reach a terminal: bpf/lib/utf8.c */
#include <inttypes.h>
#include <string.h>

#include <check.h>

#include "bpf/lib/utf8.h"
#include "tests/unit/suites.h"

static const struct {
	const char *text;
	uint32_t character; /* 0: none */
} cases[] = {
	{"a", 'a'},
	{"\xc2\x80", 0x80},
	{"\xdf\xbf", 0x7ff},
	{"\xe0\xa0\x80", 0x800},
	{"\xef\xbf\xbf", 0xffff},
	{"\xf0\x90\x80\x80", 0x10000},
	{"\xf4\x8f\xbf\xbf", 0x10ffff},
	{"\xf4\x8f\xbf", 0},
	{"\xc1\xbf", 0},
	{"\xbf", 0},
	{"\xed\xa0\x80", 0},
	{"\xf4\x90\x80\x80", 0},
};

START_TEST(test_decode)
{
	size_t length = strlen(cases[_i].text);
	uint32_t character = 0;
	size_t taken = utf8_decode(cases[_i].text, length, &character);

	ck_assert_uint_eq(taken, cases[_i].character ? length : 0);
	if (cases[_i].character)
		ck_assert_uint_eq(character, cases[_i].character);
}
END_TEST

START_TEST(test_control)
{
	/* By category in Unicode: Cc, Zl, Zp, and the property Bidi_Control. */
	static const struct {
		uint32_t first;
		uint32_t last;
	} controls[] = {{0, 0x1f},	  {0x7f, 0x9f},	    {0x61c, 0x61c},  {0x200e, 0x200f},
			{0x2028, 0x2029}, {0x202a, 0x202e}, {0x2066, 0x2069}};

	for (uint32_t character = 0; character <= 0x10ffff; character++) {
		bool expected = false;

		for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
			expected |= character >= controls[i].first && character <= controls[i].last;
		/* Check notes each assertion, which would take seconds for a million of them. */
		if (utf8_is_control(character) != expected)
			ck_abort_msg("U+%04" PRIX32, character);
	}
}
END_TEST

START_TEST(test_shown)
{
	ck_assert_uint_eq(utf8_shown("a", 1), 1);
	ck_assert_uint_eq(utf8_shown("\xe2\x82\xac", 3), 3);
	ck_assert_uint_eq(utf8_shown("\x1b", 1), 0);
	ck_assert_uint_eq(utf8_shown("\xe2\x80\xae", 3), 0);
	ck_assert_uint_eq(utf8_shown("\xff", 1), 0);
}
END_TEST

Suite *utf8_suite(void)
{
	Suite *suite = suite_create("utf8");
	TCase *tcase = tcase_create("utf8");

	tcase_add_loop_test(tcase, test_decode, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(tcase, test_control);
	tcase_add_test(tcase, test_shown);
	suite_add_tcase(suite, tcase);
	return suite;
}
