// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* JSON strings and documents: json.c and json_writer.c of reader/text */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "reader/text/json.h"
#include "reader/text/json_writer.h"
#include "tests/unit/suites.h"

static const struct {
	const char *text;
	const char *json;
} cases[] = {
	{"", "\"\""},
	{"vim", "\"vim\""},
	{"a\"b\\c/", "\"a\\\"b\\\\c/\""},
	{"\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\""},
	{"\x01\x1b[1m\x1f", "\"\\u0001\\u001b[1m\\u001f\""},
	{"\x7f", "\"\\u007f\""},
	/* The last control character of ISO 8859-1, the override of direction, a separator of lines. */
	{"\xc2\x9f\xe2\x80\xae\xe2\x80\xa8", "\"\\u009f\\u202e\\u2028\""},
	{"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x92\xa9",
	 "\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x92\xa9\""},
	/* A command name that was cut within a character. */
	{"abc\xc3", "\"abc\\ufffd\""},
	{"\xe2\x82", "\"\\ufffd\\ufffd\""},
	{"\x80z\xff", "\"\\ufffdz\\ufffd\""},
	/* Overlong, surrogate, beyond the last character. */
	{"\xc0\xaf", "\"\\ufffd\\ufffd\""},
	{"\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\""},
	{"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
	{"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
	{"\xf8\x88\x80\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\""},
};

START_TEST(test_escape)
{
	char buffer[256];
	size_t length;

	length = json_escape(buffer, sizeof(buffer), cases[_i].text, 100);
	ck_assert_str_eq(buffer, cases[_i].json);
	ck_assert_uint_eq(length, strlen(cases[_i].json));
}
END_TEST

START_TEST(test_print)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	ck_assert_ptr_nonnull(stream);
	json_print(stream, cases[_i].text, 100);
	fclose(stream);
	ck_assert_str_eq(text, cases[_i].json);
	free(text);
}
END_TEST

START_TEST(test_document)
{
	struct json json = {0};
	char *text = NULL;
	size_t length;

	json.stream = open_memstream(&text, &length);
	ck_assert_ptr_nonnull(json.stream);
	json_begin_document(&json, "test");
	json_begin_array(&json, "array");
	json_begin_object(&json, NULL);
	json_end_object(&json);
	json_begin_object(&json, NULL);
	json_bool(&json, "yes", true);
	json_null(&json, "none");
	json_end_object(&json);
	json_number(&json, NULL, UINT64_MAX);
	json_end_array(&json);
	json_text(&json, "empty", "", 1);
	json_text(&json, "missing", NULL, 1);
	json_string(&json, "string", "a\"bc", 3);
	json_seconds(&json, "whole", 2999999999, 0);
	json_seconds(&json, "exact", 2007999999, 3);
	json_time(&json, "never", 0);
	json_time(&json, "then", 1);
	json_end_document(&json);
	fclose(json.stream);
	ck_assert_str_eq(
		text,
		"{\"v\":1,\"type\":\"test\",\"array\":[{},{\"yes\":true,\"none\":null},18446744073709551615],"
		"\"empty\":null,\"missing\":null,\"string\":\"a\\\"b\",\"whole\":2,\"exact\":2.007,"
		"\"never_ns\":null,\"never\":null,"
		"\"then_ns\":1,\"then\":\"1970-01-01T00:00:00.000000001Z\"}\n");
	free(text);
}
END_TEST

START_TEST(test_error)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	ck_assert_ptr_nonnull(stream);
	json_error(stream, "no \"such\" thing");
	fclose(stream);
	ck_assert_str_eq(text,
			 "{\"v\":1,\"type\":\"error\",\"error\":\"no \\\"such\\\" thing\"}\n");
	free(text);
}
END_TEST

START_TEST(test_length_is_bound)
{
	/* As in the kernel's records: no NUL needs to be there. */
	const char text[4] = {'a', 'b', '\xc3', '\xbc'};
	char buffer[64];

	json_escape(buffer, sizeof(buffer), text, 2);
	ck_assert_str_eq(buffer, "\"ab\"");
	json_escape(buffer, sizeof(buffer), text, 3);
	ck_assert_str_eq(buffer, "\"ab\\ufffd\"");
	json_escape(buffer, sizeof(buffer), text, 4);
	ck_assert_str_eq(buffer, "\"ab\xc3\xbc\"");
}
END_TEST

/* Whatever the size, the result is a whole string, and nothing behind the buffer is touched. */
START_TEST(test_every_size)
{
	static const char text[] = "x\n\x01\xc3\xbc\"y";
	static const char whole[] = "\"x\\n\\u0001\xc3\xbc\\\"y\"";

	for (size_t size = 0; size <= sizeof(whole) + 2; size++) {
		char buffer[64];
		size_t length;

		memset(buffer, '#', sizeof(buffer));
		length = json_escape(buffer, size, text, sizeof(text));
		ck_assert_int_eq(buffer[size], '#');
		if (size == 0)
			continue;
		ck_assert_uint_lt(length, size);
		ck_assert_uint_eq(strlen(buffer), length);
		if (size < 3) {
			ck_assert_uint_eq(length, 0);
			continue;
		}
		ck_assert_int_eq(buffer[0], '"');
		ck_assert_int_eq(buffer[length - 1], '"');
		ck_assert_int_eq(memcmp(buffer, whole, length - 1), 0);
		if (size > sizeof(whole))
			ck_assert_str_eq(buffer, whole);
	}
}
END_TEST

START_TEST(test_worst_case_fits)
{
	char buffer[JSON_ESCAPED_MAX * 16 + 3];
	char text[16];

	memset(text, '\x01', sizeof(text));
	ck_assert_uint_eq(json_escape(buffer, sizeof(buffer), text, sizeof(text)),
			  sizeof(buffer) - 1);
}
END_TEST

Suite *json_suite(void)
{
	Suite *suite = suite_create("json");
	TCase *tcase = tcase_create("json");

	tcase_add_loop_test(tcase, test_escape, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_loop_test(tcase, test_print, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(tcase, test_document);
	tcase_add_test(tcase, test_error);
	tcase_add_test(tcase, test_length_is_bound);
	tcase_add_test(tcase, test_every_size);
	tcase_add_test(tcase, test_worst_case_fits);
	suite_add_tcase(suite, tcase);
	return suite;
}
