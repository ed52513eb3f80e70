// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tables and texts for people: table.c and text.c of reader/text */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "reader/text/table.h"
#include "reader/text/text.h"
#include "tests/unit/suites.h"

static const struct {
	size_t width;
	const char *text;
} tables[] = {
	{0, "PID  PROGRAM  CGROUP\n"
	    "  1  vim      /a/long/path\n"
	    "200  -\n"},
	{80, "PID  PROGRAM  CGROUP\n"
	     "  1  vim      /a/long/path\n"
	     "200  -\n"},
	{24, "PID  PROGRAM  CGROUP\n"
	     "  1  vim      ...ng/path\n"
	     "200  -\n"},
	{16, "PID  PROGRAM  CG\n"
	     "  1  vim      /a\n"
	     "200  -\n"},
	{7, "PID  PR\n"
	    "  1  vi\n"
	    "200  -\n"},
	{1, "P\n"
	    "\n"
	    "2\n"},
};

START_TEST(test_table)
{
	struct table table = {.columns = 3, .right = 1 << 0};
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	ck_assert_ptr_nonnull(stream);
	ck_assert_int_eq(table_add(&table, (const char *[]){"PID", "PROGRAM", "CGROUP"}), 0);
	ck_assert_int_eq(table_add(&table, (const char *[]){"1", "vim", "/a/long/path"}), 0);
	ck_assert_int_eq(table_add(&table, (const char *[]){"200", "-", ""}), 0);
	ck_assert_int_eq(table_print(&table, stream, tables[_i].width), 0);
	fclose(stream);
	table_release(&table);
	ck_assert_str_eq(text, tables[_i].text);
	free(text);
}
END_TEST

START_TEST(test_many_rows)
{
	struct table table = {.columns = 2};
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	ck_assert_ptr_nonnull(stream);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(table_add(&table, (const char *[]){"a", "b"}), 0);
	ck_assert_int_eq(table_print(&table, stream, 0), 0);
	fclose(stream);
	table_release(&table);
	ck_assert_uint_eq(length, 1000 * strlen("a  b\n"));
	free(text);
}
END_TEST

/* As on a screen: no more rows than it has, each of which erases the rest of its line. */
START_TEST(test_screen)
{
	struct table table = {.columns = 2, .rows_max = 2, .line_end = "!"};
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	ck_assert_ptr_nonnull(stream);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(table_add(&table, (const char *[]){"a", "b"}), 0);
	ck_assert_int_eq(table_print(&table, stream, 0), 0);
	fclose(stream);
	table_release(&table);
	ck_assert_str_eq(text, "a  b!\na  b!\n");
	free(text);
}
END_TEST

START_TEST(test_printable)
{
	char text[8];

	text_printable(text, sizeof(text), "vim", 16);
	ck_assert_str_eq(text, "vim");
	text_printable(text, sizeof(text), "a\x1b[1\xc3\xbc~\x7f", 16);
	ck_assert_str_eq(text, "a?[1??~");
	text_printable(text, sizeof(text), "abcdefghij", 16);
	ck_assert_str_eq(text, "abcdefg");
	text_printable(text, sizeof(text), "abcdefghij", 2);
	ck_assert_str_eq(text, "ab");
}
END_TEST

static const struct {
	uint64_t seconds;
	const char *text;
} ages[] = {
	{0, "0s"},    {59, "59s"},    {60, "1m"},    {3599, "59m"},
	{3600, "1h"}, {86399, "23h"}, {86400, "1d"}, {8640000, "100d"},
};

START_TEST(test_age)
{
	char age[TEXT_AGE_LEN];

	text_age(age, ages[_i].seconds * 1000000000 + 999999999);
	ck_assert_str_eq(age, ages[_i].text);
}
END_TEST

START_TEST(test_time)
{
	char time[TEXT_TIME_LEN];

	text_time(time, 1628815021831806232);
	ck_assert_str_eq(time, "2021-08-13T00:37:01Z");
}
END_TEST

Suite *table_suite(void)
{
	Suite *suite = suite_create("table");
	TCase *tcase = tcase_create("table");

	tcase_add_loop_test(tcase, test_table, 0, (int)(sizeof(tables) / sizeof(tables[0])));
	tcase_add_test(tcase, test_many_rows);
	tcase_add_test(tcase, test_screen);
	tcase_add_test(tcase, test_printable);
	tcase_add_loop_test(tcase, test_age, 0, (int)(sizeof(ages) / sizeof(ages[0])));
	tcase_add_test(tcase, test_time);
	suite_add_tcase(suite, tcase);
	return suite;
}
