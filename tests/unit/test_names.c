// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lists of command names: bpf/lib/names.c */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "bpf/lib/names.h"
#include "tests/unit/capture.h"
#include "tests/unit/suites.h"

static struct names names;
static struct reason why;
static char message[1024];
static char path[] = "/tmp/hb-names-XXXXXX";
static char file[sizeof(path) + 2];

static void write_file(const char *text, size_t length)
{
	FILE *stream = fopen(path, "w");

	ck_assert_ptr_nonnull(stream);
	ck_assert_uint_eq(fwrite(text, 1, length, stream), length);
	ck_assert_int_eq(fclose(stream), 0);
}

static void setup(void)
{
	strcpy(path + strlen(path) - 6, "XXXXXX");
	close(mkstemp(path));
	snprintf(file, sizeof(file), "@%s", path);
	names.count = 0;
	why.text[0] = '\0';
	message[0] = '\0';
	capture_messages(message, sizeof(message));
}

static void teardown(void)
{
	capture_messages(NULL, 0);
	unlink(path);
}

/* The names in the form in which they can be given again. */
static const char *printed(void)
{
	static char text[HB_PROGRAMS_MAX * (HB_COMM_LEN + 3)];
	FILE *stream = fmemopen(text, sizeof(text), "w");
	char name[NAMES_TEXT_LEN];

	for (size_t i = 0; i < names.count; i++) {
		if (i > 0)
			fputc(',', stream);
		fputs(names_format(name, names.names[i]), stream);
	}
	fputc('\0', stream);
	fclose(stream);
	return text;
}

static const struct {
	const char *text;
	const char *printed;
} good[] = {
	{"vim", "vim"},
	{"vim,ed", "vim,ed"},
	{" vim ,\ted ", "vim,ed"},
	{"vim,ed,vim", "vim,ed"},
	{"+joe", "joe"},
	{"\"a\"\"b\"", "\"a\"\"b\""},
	{"\"\"\"\",vim", "\"\"\"\",vim"},
	{"+joe,kak", "joe,kak"},
	{"+joe, +kak", "joe,kak"},
	{"fifteen-letters", "fifteen-letters"},
	{"vim.basic,.vim-wrapped,python3.11,g++,x@y", "vim.basic,.vim-wrapped,python3.11,g++,x@y"},
	{"caf\xc3\xa9", "caf\xc3\xa9"},
	{"*", "*"},
	{"+*", "*"},
	{"tmux,\"tmux: server\",vim", "tmux,\"tmux: server\",vim"},
	{" \"a,b\" , \"+x\",\"-y\",\"@z\"", "\"a,b\",\"+x\",\"-y\",\"@z\""},
	{"\"vim*\",\"vim\"", "\"vim*\",vim"},
	{"\"\xff\"", "\"\xff\""},
};

START_TEST(test_good)
{
	char again[1024];

	ck_assert_msg(names_add(&names, good[_i].text, &why) == 0, "%s", why.text);
	ck_assert_str_eq(printed(), good[_i].printed);
	snprintf(again, sizeof(again), "%s", printed());
	names.count = 0;
	ck_assert_int_eq(names_add(&names, again, &why), 0);
	ck_assert_str_eq(printed(), again);
}
END_TEST

static const struct {
	const char *text;
	const char *why; /* part of the message */
} bad[] = {
	{"", "empty program name"},
	{"vim,", "empty program name"},
	{",vim", "empty program name"},
	{"vim,,ed", "empty program name"},
	{"vim, ,ed", "empty program name"},
	{"+", "empty program name"},
	{"\"\"", "empty program name"},
	{"/usr/bin/vim", "not a path"},
	{"\"/usr/bin/vim\"", "not a path"},
	{"nvim nano vim", "separated by commas: nvim,nano,vim; or"},
	{"nvim\tnano", "separated by commas: nvim,nano; or"},
	{"tmux: server", "in double quotes: \"tmux: server\""},
	{"vim*", "vim*: there are no wildcards"},
	{"vi?", "vi?: there are no wildcards"},
	{"vim,+joe", "+joe: a + adds the whole list"},
	{"vim,-joe", "-joe: names cannot be taken off"},
	{"a:b", "a:b: a name with unusual characters must be in double quotes: \"a:b\""},
	{"caf\xe9", "unusual characters"},
	{"a\"b", "unusual characters"},
	{"\"vim", "closing double quote"},
	{"\"vim\"\"", "closing double quote"},
	{"\"vim\"x", "comma must follow"},
	{"vi\x01m", "control character"},
	{"\"vi\x1bm\"", "control character"},
	{"\"a\xe2\x80\xae"
	 "b\"",
	 "control character"},
	{"@/nonexistent", "/nonexistent: No such file"},
	{"@", ": No such file"},
	{"@/", "not a file"},
	{"@/dev/zero", "not a file"},
};

START_TEST(test_bad)
{
	ck_assert_int_eq(names_add(&names, bad[_i].text, &why), -EINVAL);
	ck_assert_msg(strstr(why.text, bad[_i].why), "'%s': %s", bad[_i].text, why.text);
	ck_assert_str_eq(message, "");
}
END_TEST

START_TEST(test_cut_is_reported)
{
	ck_assert_int_eq(names_add(&names, "sixteen-letters-", NULL), 0);
	ck_assert_str_eq(printed(), "sixteen-letters");
	ck_assert_ptr_nonnull(strstr(message, "cut to sixteen-letters"));
}
END_TEST

START_TEST(test_default)
{
	ck_assert_int_eq(names_add(&names, HB_PROGRAMS_DEFAULT, NULL), 0);
	ck_assert_str_eq(printed(), "nvim,nano,vim,ed,vi,emacs,more,less,vimdiff,tilde");
}
END_TEST

START_TEST(test_file)
{
	static const char text[] = "# editors\nhelix # a modern one\n\n   \n  kak,joe\t\r\n\"a b\"";

	write_file(text, strlen(text));
	ck_assert_msg(names_add(&names, file, &why) == 0, "%s", why.text);
	ck_assert_str_eq(printed(), "helix,kak,joe,\"a b\"");
	write_file("helix\n", 6);
	ck_assert_int_eq(names_add(&names, file, &why), 0);
	ck_assert_str_eq(printed(), "helix,kak,joe,\"a b\"");
}
END_TEST

START_TEST(test_bad_files)
{
	char expected[64];

	write_file("kak\n/bin/joe\n", 13);
	ck_assert_int_eq(names_add(&names, file, &why), -EINVAL);
	snprintf(expected, sizeof(expected), "%s:2: /bin/joe: give", path);
	ck_assert_msg(strstr(why.text, expected), "%s", why.text);
	write_file("ka\0k\n", 5);
	ck_assert_int_eq(names_add(&names, file, &why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "NUL byte"));
	write_file("# none\n", 7);
	ck_assert_int_eq(names_add(&names, file, &why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "names no program"));
	write_file("kak\n", 4);
	ck_assert_int_eq(chmod(path, 0602), 0);
	ck_assert_int_eq(names_add(&names, file, &why), -EINVAL);
	snprintf(expected, sizeof(expected), "(mode 0602): chmod go-w %s", path);
	ck_assert_msg(strstr(why.text, expected), "%s", why.text);
}
END_TEST

START_TEST(test_too_many)
{
	FILE *stream = fopen(path, "w");

	ck_assert_ptr_nonnull(stream);
	for (int i = 0; i <= HB_PROGRAMS_MAX; i++)
		fprintf(stream, "p%d\n", i);
	fclose(stream);
	ck_assert_int_eq(names_add(&names, file, &why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "more than 1024 programs"));
}
END_TEST

START_TEST(test_have)
{
	ck_assert_int_eq(names_add(&names, "vim,sixteen-letters-", NULL), 0);
	ck_assert(names_have(&names, "vim"));
	ck_assert(!names_have(&names, "vi"));
	ck_assert(!names_have(&names, "vim.basic"));
	ck_assert(!names_have(&names, ""));
	ck_assert(!names_have(&names, HB_ANY_PROGRAM));
	/* As the kernel cuts it. */
	ck_assert(names_have(&names, "sixteen-letters"));
	ck_assert(names_have(&names, "sixteen-letters-"));
}
END_TEST

Suite *names_suite(void)
{
	Suite *suite = suite_create("names");
	TCase *tcase = tcase_create("list");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_good, 0, (int)(sizeof(good) / sizeof(good[0])));
	tcase_add_loop_test(tcase, test_bad, 0, (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tcase, test_cut_is_reported);
	tcase_add_test(tcase, test_default);
	tcase_add_test(tcase, test_file);
	tcase_add_test(tcase, test_bad_files);
	tcase_add_test(tcase, test_too_many);
	tcase_add_test(tcase, test_have);
	suite_add_tcase(suite, tcase);
	return suite;
}
