// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names that can be taken back: reader/text/text.c */
#include <string.h>

#include <check.h>

#include "bpf/lib/duration.h"
#include "reader/text/text.h"
#include "tests/unit/suites.h"

static const struct {
	const char *text;
	const char *escaped;
} names[] = {
	{"", ""},
	{"vim", "vim"},
	{"a b\"\\x2d", "a b\"\\x2d"},
	{"\xc3\xa4\xe2\x82\xac", "\xc3\xa4\xe2\x82\xac"},
	{"bad\xff", "bad%FF"},
	{"bad\xfe", "bad%FE"},
	{"bad\\xff", "bad\\xff"},
	{"bad%FF", "bad%25FF"},
	{"100%", "100%25"},
	{"\x01\t\n\x1f\x7f", "%01%09%0A%1F%7F"},
	{"\xc2\x80x\xd8\x9c\xe2\x81\xa6", "%C2%80x%D8%9C%E2%81%A6"},
	/* Cut, overlong, a surrogate. */
	{"\xc3", "%C3"},
	{"\xc0\xaf", "%C0%AF"},
	{"\xed\xa0\x80", "%ED%A0%80"},
};

START_TEST(test_escape)
{
	char escaped[64];

	ck_assert_uint_eq(text_escape(escaped, names[_i].text, SIZE_MAX),
			  strlen(names[_i].escaped));
	ck_assert_str_eq(escaped, names[_i].escaped);
}
END_TEST

/* Every name of two bytes comes back, and no two are the same. */
START_TEST(test_reversible)
{
	for (unsigned int first = 1; first < 256; first++) {
		for (unsigned int second = 1; second < 256; second++) {
			const char name[] = {(char)first, (char)second, '\0'};
			char escaped[2 * TEXT_ESCAPED_MAX + 1];
			size_t length = text_escape(escaped, name, 2);
			size_t found = 0;

			for (size_t i = 0; i < length; found++) {
				unsigned char c = text_unescape(escaped + i);

				i += c ? TEXT_ESCAPED_MAX : 1;
			}
			ck_assert_uint_eq(found, 2);
		}
	}
}
END_TEST

START_TEST(test_escape_in_an_array)
{
	const char name[4] = {'a', 'b', '\xff', 'c'};
	char escaped[sizeof(name) * TEXT_ESCAPED_MAX + 1];

	ck_assert_uint_eq(text_escape(escaped, name, sizeof(name)), 6);
	ck_assert_str_eq(escaped, "ab%FFc");
}
END_TEST

static const struct {
	uint64_t number;
	const char *text;
} numbers[] = {
	{0, "0"},
	{7, "7"},
	{999, "999"},
	{1000, "1,000"},
	{99999, "99,999"},
	{100000, "100,000"},
	{6063385, "6,063,385"},
	{UINT64_MAX, "18,446,744,073,709,551,615"},
};

START_TEST(test_number)
{
	char text[TEXT_NUMBER_LEN];

	text_number(text, numbers[_i].number);
	ck_assert_str_eq(text, numbers[_i].text);
}
END_TEST

static const struct {
	uint64_t seconds;
	const char *text;
} durations[] = {
	{0, "0 s"},
	{59, "59 s"},
	{60, "1 min"},
	{12 * 60 + 59, "12 min"},
	{60 * 60, "1 h"},
	{6 * 60 * 60 - 1, "5 h 59 min"},
	{24 * 60 * 60 - 1, "23 h 59 min"},
	{24 * 60 * 60 + 59 * 60, "1 d"},
	{2 * 24 * 60 * 60 + 60 * 60, "2 d 1 h"},
	{366 * 24 * 60 * 60, "366 d"},
};

START_TEST(test_duration)
{
	char text[DURATION_LEN];

	duration_text(text, durations[_i].seconds * 1000000000 + 999999999);
	ck_assert_str_eq(text, durations[_i].text);
}
END_TEST

Suite *text_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *tcase = tcase_create("text");

	tcase_add_loop_test(tcase, test_escape, 0, (int)(sizeof(names) / sizeof(names[0])));
	tcase_add_loop_test(tcase, test_number, 0, (int)(sizeof(numbers) / sizeof(numbers[0])));
	tcase_add_test(tcase, test_reversible);
	tcase_add_loop_test(tcase, test_duration, 0,
			    (int)(sizeof(durations) / sizeof(durations[0])));
	tcase_add_test(tcase, test_escape_in_an_array);
	suite_add_tcase(suite, tcase);
	return suite;
}
