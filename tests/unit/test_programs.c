// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The list of considered programs: loader/programs.c */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "loader/programs.h"
#include "tests/unit/capture.h"
#include "tests/unit/suites.h"

#define TEN "nvim nano vim ed vi emacs more less vimdiff tilde"

static struct programs programs;
static char message[1024];
static char path[] = "/tmp/hb-programs-XXXXXX";

static void write_file(const char *text, size_t length)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, length, file), length);
	ck_assert_int_eq(fclose(file), 0);
}

static void setup(void)
{
	strcpy(path + strlen(path) - 6, "XXXXXX");
	close(mkstemp(path));
	message[0] = '\0';
	capture_messages(message, sizeof(message));
}

static void teardown(void)
{
	capture_messages(NULL, 0);
	unlink(path);
}

/* The names with blanks between. */
static const char *joined(void)
{
	static char text[HB_PROGRAMS_MAX * HB_COMM_LEN];

	text[0] = '\0';
	for (size_t i = 0; i < programs.count; i++) {
		if (i > 0)
			strcat(text, " ");
		strcat(text, programs.names[i]);
	}
	return text;
}

static const struct {
	const char *text;
	const char *names;
} good[] = {
	{"vim", "vim"},
	{"vim,ed", "vim ed"},
	{" vim , ed ", "vim ed"},
	{"vim,ed,vim", "vim ed"},
	{"my prog", "my prog"},
	{"+joe", TEN " joe"},
	{"+vim", TEN},
	{"fifteen-letters", "fifteen-letters"},
	{"sixteen-letters-", "sixteen-letters"},
	{"caf\xc3\xa9", "caf\xc3\xa9"},
	{"*", "*"},
	{"+*", TEN " *"},
};

START_TEST(test_good)
{
	ck_assert_int_eq(programs_parse(good[_i].text, "/nonexistent", &programs, NULL), 0);
	ck_assert_str_eq(joined(), good[_i].names);
}
END_TEST

static const struct {
	const char *text;
	const char *says; /* part of the message */
} bad[] = {
	{"", "empty program name"},
	{"vim,", "empty program name"},
	{",vim", "empty program name"},
	{"vim,,ed", "empty program name"},
	{"vim, ,ed", "empty program name"},
	{"+", "empty program name"},
	{"/usr/bin/vim", "not a path"},
	{"@/nonexistent", "/nonexistent: No such file"},
	{"@", "No such file"},
	{"@/", "cannot be read"},
};

START_TEST(test_bad)
{
	ck_assert_int_eq(programs_parse(bad[_i].text, "/nonexistent", &programs, NULL), -EINVAL);
	ck_assert_msg(strstr(message, bad[_i].says), "'%s' says: %s", bad[_i].text, message);
}
END_TEST

START_TEST(test_cut_is_said)
{
	ck_assert_int_eq(programs_parse("sixteen-letters-", "/nonexistent", &programs, NULL), 0);
	ck_assert_ptr_nonnull(strstr(message, "cut to sixteen-letters"));
}
END_TEST

START_TEST(test_default)
{
	ck_assert_int_eq(programs_parse(NULL, "/nonexistent", &programs, NULL), 0);
	ck_assert_str_eq(joined(), TEN);
}
END_TEST

START_TEST(test_etc_replaces_default)
{
	static const char text[] = "# editors\nhelix # a modern one\n\n   \n  kak\t\njoe";

	write_file(text, strlen(text));
	ck_assert_int_eq(programs_parse(NULL, path, &programs, NULL), 0);
	ck_assert_str_eq(joined(), "helix kak joe");
}
END_TEST

START_TEST(test_file)
{
	char text[128];

	write_file("kak\njoe\n", 8);
	snprintf(text, sizeof(text), "@%s", path);
	ck_assert_int_eq(programs_parse(text, "/nonexistent", &programs, NULL), 0);
	ck_assert_str_eq(joined(), "kak joe");
	snprintf(text, sizeof(text), "+@%s", path);
	ck_assert_int_eq(programs_parse(text, "/nonexistent", &programs, NULL), 0);
	ck_assert_str_eq(joined(), TEN " kak joe");
}
END_TEST

START_TEST(test_file_bad_line_is_named)
{
	char text[128];

	write_file("kak\n/bin/joe\n", 13);
	snprintf(text, sizeof(text), "@%s", path);
	ck_assert_int_eq(programs_parse(text, "/nonexistent", &programs, NULL), -EINVAL);
	snprintf(text, sizeof(text), "%s:2: /bin/joe", path);
	ck_assert_msg(strstr(message, text), "says: %s", message);
}
END_TEST

START_TEST(test_file_with_nul)
{
	char text[128];

	write_file("ka\0k\n", 5);
	snprintf(text, sizeof(text), "@%s", path);
	ck_assert_int_eq(programs_parse(text, "/nonexistent", &programs, NULL), -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "NUL byte"));
}
END_TEST

START_TEST(test_empty_files)
{
	char text[128];

	write_file("# none\n", 7);
	ck_assert_int_eq(programs_parse(NULL, path, &programs, NULL), -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "names no program"));
	snprintf(text, sizeof(text), "@%s", path);
	ck_assert_int_eq(programs_parse(text, "/nonexistent", &programs, NULL), -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "names no program"));
}
END_TEST

START_TEST(test_too_many)
{
	FILE *file = fopen(path, "w");
	char text[128];

	ck_assert_ptr_nonnull(file);
	for (int i = 0; i <= HB_PROGRAMS_MAX; i++)
		fprintf(file, "p%d\n", i);
	fclose(file);
	snprintf(text, sizeof(text), "@%s", path);
	ck_assert_int_eq(programs_parse(text, "/nonexistent", &programs, NULL), -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "more than 1024 programs"));
}
END_TEST

START_TEST(test_have)
{
	ck_assert_int_eq(programs_parse("vim,sixteen-letters-", "/nonexistent", &programs, NULL),
			 0);
	ck_assert(programs_have(&programs, "vim"));
	ck_assert(!programs_have(&programs, "vi"));
	ck_assert(!programs_have(&programs, "vim.basic"));
	ck_assert(!programs_have(&programs, ""));
	ck_assert(!programs_have(&programs, HB_ANY_PROGRAM));
	/* As the kernel cuts it. */
	ck_assert(programs_have(&programs, "sixteen-letters"));
	ck_assert(programs_have(&programs, "sixteen-letters-"));
}
END_TEST

static const struct {
	const char *text;
	__u32 rule;
	int result;
} rules[] = {
	{NULL, HB_RULE_STDIN, 0},
	{NULL, HB_RULE_ANY, 0},
	{NULL, HB_RULE_KEYS, 0},
	{"*", HB_RULE_KEYS, 0},
	{"vim,*", HB_RULE_KEYS, 0},
	{"*", HB_RULE_ANY, -EINVAL},
	{"*", HB_RULE_STDIN, -EINVAL},
	{"+*", HB_RULE_ANY, -EINVAL},
	{"vim,*,ed", HB_RULE_ANY, -EINVAL},
	{"**", HB_RULE_ANY, 0},
	{"vim*", HB_RULE_ANY, 0},
};

/* The reason says what to do. */
START_TEST(test_rule)
{
	struct reason why = {0};

	ck_assert_int_eq(programs_parse(rules[_i].text, "/nonexistent", &programs, NULL), 0);
	ck_assert_int_eq(programs_check_rule(&programs, rules[_i].rule, &why), rules[_i].result);
	if (rules[_i].result == 0)
		return;
	ck_assert_ptr_nonnull(strstr(why.text, "add --rule keys"));
	ck_assert_str_eq(message, "");
	ck_assert_int_eq(programs_check_rule(&programs, rules[_i].rule, NULL), -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "add --rule keys"));
}
END_TEST

Suite *programs_suite(void)
{
	Suite *suite = suite_create("programs");
	TCase *tcase = tcase_create("list");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_good, 0, (int)(sizeof(good) / sizeof(good[0])));
	tcase_add_loop_test(tcase, test_bad, 0, (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tcase, test_cut_is_said);
	tcase_add_test(tcase, test_default);
	tcase_add_test(tcase, test_etc_replaces_default);
	tcase_add_test(tcase, test_file);
	tcase_add_test(tcase, test_file_bad_line_is_named);
	tcase_add_test(tcase, test_file_with_nul);
	tcase_add_test(tcase, test_empty_files);
	tcase_add_test(tcase, test_too_many);
	tcase_add_test(tcase, test_have);
	tcase_add_loop_test(tcase, test_rule, 0, (int)(sizeof(rules) / sizeof(rules[0])));
	suite_add_tcase(suite, tcase);
	return suite;
}
