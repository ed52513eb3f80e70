// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tests of hb-load's command line: loader/options.c */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>
#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "loader/options.h"
#include "tests/unit/capture.h"
#include "tests/unit/suites.h"

static struct load_options options;
static char message[1024];

/* Parse @text, words separated by one blank. The words stay valid until the next call. */
static int parse(const char *text)
{
	char *argv[CAPTURE_WORDS_MAX];
	int r = capture_words(argv, "hb-load", text);

	config_free(&options.config);
	capture_messages(message, sizeof(message));
	r = load_options_parse(r, argv, "/nonexistent", &options);
	capture_messages(NULL, 0);
	return r;
}

START_TEST(test_defaults)
{
	ck_assert_int_eq(parse(""), 1);
	ck_assert_int_eq(options.action, ACTION_LOAD);
	ck_assert_str_eq(options.pin_dir, "/sys/fs/bpf/heartbeat");
	ck_assert_uint_eq(options.rule, HB_RULE_ANY);
	ck_assert_int_eq(options.hook, -1);
	ck_assert_uint_eq(options.programs.count, 10);
	ck_assert_ptr_null(options.group);
	ck_assert_uint_eq(options.busy.count, 0);
	ck_assert_uint_eq(options.busy_for, 6 * 3600);
	ck_assert_uint_eq(options.readers, 0);
	ck_assert_uint_eq(options.ring_size, 0);
	ck_assert_uint_eq(options.max_pids, 0);
}
END_TEST

START_TEST(test_everything)
{
	ck_assert_int_eq(
		parse("load --programs +joe --rule keys --hook auto --busy make,cargo --busy-for 1.5h --group 4242 --readers 32 --ring-size 65536 --max-pids 100 --pin-dir /sys/fs/bpf/other/ -v"),
		1);
	ck_assert_int_eq(options.action, ACTION_LOAD);
	ck_assert_uint_eq(options.programs.count, 11);
	ck_assert(names_have(&options.programs, "joe"));
	ck_assert_uint_eq(options.rule, HB_RULE_KEYS);
	ck_assert_uint_eq(options.busy.count, 2);
	ck_assert_str_eq(options.busy.names[1], "cargo");
	ck_assert_uint_eq(options.busy_for, 5400);
	ck_assert_uint_eq(options.gid, 4242);
	ck_assert_uint_eq(options.readers, 32);
	ck_assert_uint_eq(options.ring_size, 65536);
	ck_assert_uint_eq(options.max_pids, 100);
	ck_assert_str_eq(options.pin_dir, "/sys/fs/bpf/other");
	ck_assert_uint_eq(options.verbose, 1);
}
END_TEST

/* The rule that it needs is looked at later, with the list as a whole. */
START_TEST(test_any_program)
{
	ck_assert_int_eq(parse("--programs *"), 1);
	ck_assert_uint_eq(options.programs.count, 1);
	ck_assert(names_have(&options.programs, HB_ANY_PROGRAM));
	ck_assert_uint_eq(options.rule, HB_RULE_ANY);
}
END_TEST

START_TEST(test_actions)
{
	ck_assert_int_eq(parse("check --rule stdin"), 1);
	ck_assert_int_eq(options.action, ACTION_CHECK);
	ck_assert_int_eq(parse("unload --pin-dir /sys/fs/bpf/x"), 1);
	ck_assert_int_eq(options.action, ACTION_UNLOAD);
}
END_TEST

START_TEST(test_group_by_name)
{
	ck_assert_int_eq(parse("--group root"), 1);
	ck_assert_uint_eq(options.gid, 0);
	ck_assert_str_eq(options.group, "root");
}
END_TEST

static const struct {
	const char *text;
	const char *message;
} bad[] = {
	{"reload", "unknown command \"reload\"; try: load, check, unload"},
	{"load now", "unexpected argument \"now\""},
	{"unload --rule any", "--rule: not an option of hb-load unload; it goes with: load, check"},
	{"--readers 3 unload", "--readers: not an option of hb-load unload"},
	{"--rule key", "--rule key: give one of: stdin, any, keys"},
	{"--rule Stdin", "--rule Stdin: give one of"},
	{"--rule std", "--rule std: give one of"},
	{"--hook kprobe", "--hook kprobe: give one of: auto, tracepoint, fentry"},
	{"--hook unknown", "--hook unknown: give one of"},
	{"--busy-for 0", "--busy-for 0: give a time from 1s to 366d, like 90m or 6h"},
	{"--busy-for 0.9", "--busy-for 0.9: give a time"},
	{"--busy-for 367d", "--busy-for 367d: give a time"},
	{"--busy-for 6hours", "--busy-for 6hours: give a time"},
	{"--busy *", "--busy *: *: some program always runs: give names, such as make"},
	{"--busy a/b", "--busy a/b: a/b: give a program's name, not a path"},
	{"--busy make,", "--busy make,: an empty program name"},
	{"unload --busy make", "--busy: not an option of hb-load unload"},
	{"--group no-such-group", "--group no-such-group: no such group"},
	{"--group -1", "--group -1"},
	{"--readers 0", "--readers 0: give a number from 1 to 32"},
	{"--readers 33", "--readers 33: give a number from 1 to 32"},
	{"--readers two", "--readers two: give a number"},
	{"--readers +2", "--readers +2: give a number"},
	{"--readers 2x", "--readers 2x: give a number"},
	{"--readers 99999999999999999999", "give a number"},
	{"--ring-size 100", "--ring-size 100: give a number"},
	{"--ring-size 12288", "--ring-size 12288: give a power of two"},
	{"--ring-size 2147483648", "--ring-size 2147483648: give a number"},
	{"--max-pids 0", "--max-pids 0: give a number"},
	{"--max-pids 4194305", "--max-pids 4194305: give a number from 1 to 4194304"},
	{"--pin-dir heartbeat", "--pin-dir heartbeat: give an absolute path"},
	{"--pin-dir /", "give an absolute path"},
	{"--pin-dir /sys/fs/bpf/a.b", "cannot contain a dot"},
	{"--pin-dir /sys/fs/bpf/x/../y", "cannot contain a dot"},
	{"--colour", "unknown option --colour; try: hb-load --help"},
	{"--readers", "--readers: needs an argument"},
};

START_TEST(test_bad)
{
	ck_assert_int_eq(parse(bad[_i].text), -EINVAL);
	ck_assert_msg(strstr(message, bad[_i].message), "'%s' printed: %s", bad[_i].text, message);
}
END_TEST

static const struct {
	const char *text;
	int hook;
} hooks[] = {
	{"--hook auto", -1},
	{"--hook tracepoint", HB_METHOD_TRACEPOINT},
	{"--hook fentry", HB_METHOD_FENTRY},
};

START_TEST(test_hooks)
{
	ck_assert_int_eq(parse(hooks[_i].text), 1);
	ck_assert_int_eq(options.hook, hooks[_i].hook);
}
END_TEST

START_TEST(test_long_pin_dir)
{
	char text[1024] = "--pin-dir /";

	memset(text + strlen(text), 'x', 600);
	ck_assert_int_eq(parse(text), -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "give a path of 1 to 448 bytes"));
}
END_TEST

static const struct {
	const char *text;
	const char *words;
} words[] = {
	{"", ""},
	{"-v --ring-size 65536 --pin-dir /sys/fs/bpf/x", ""},
	{"--rule keys --group 0 --programs +bash,zsh",
	 "--rule keys --group 0 --programs +bash,zsh"},
	{"--rule keys --rule=any", "--rule any"},
	{"--programs +bash --programs +zsh", "--programs +bash --programs +zsh"},
	{"--programs * --rule keys", "--programs '*' --rule keys"},
	{"--programs +\"a\"", "--programs '+\"a\"'"},
	{"--programs +\"a'b\"", "--programs '+\"a'\\''b\"'"},
};

/* A shell makes the same options of them. */
START_TEST(test_words)
{
	char text[HB_OPTIONS_LEN] = "";

	ck_assert_msg(parse(words[_i].text) == 1, "%s", message);
	load_options_words(&options, text);
	ck_assert_str_eq(text, words[_i].words);
}
END_TEST

/* Those that were given in another directory, or are too long, cannot be repeated. */
START_TEST(test_words_that_do_not_fit)
{
	char expected[HB_OPTIONS_LEN + 64] = "--programs ";
	char text[HB_OPTIONS_LEN] = "";

	for (int i = 0; strlen(expected) < HB_OPTIONS_LEN - 7; i++)
		sprintf(expected + strlen(expected), "%sp%d", i > 0 ? "," : "", i);
	while (strlen(expected) < HB_OPTIONS_LEN - 1)
		strcat(expected, "x");
	ck_assert_int_eq(parse(expected), 1);
	load_options_words(&options, text);
	ck_assert_str_eq(text, expected);
	strcat(expected, "x");
	ck_assert_int_eq(parse(expected), 1);
	load_options_words(&options, text);
	ck_assert_str_eq(text, HB_OPTIONS_LONG);
}
END_TEST

START_TEST(test_words_of_a_file)
{
	char text[HB_OPTIONS_LEN] = "";
	char list[] = "/tmp/hb-list-XXXXXX";
	char line[64];
	int fd = mkstemp(list);
	int here;

	ck_assert_int_eq(write(fd, "joe\n", 4), 4);
	close(fd);
	snprintf(line, sizeof(line), "--programs @%s", list);
	ck_assert_int_eq(parse(line), 1);
	load_options_words(&options, text);
	ck_assert_str_eq(text, line);
	here = open(".", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(chdir("/tmp"), 0);
	snprintf(line, sizeof(line), "--programs +@%s", list + 5);
	ck_assert_int_eq(parse(line), 1);
	load_options_words(&options, text);
	ck_assert_str_eq(text, HB_OPTIONS_LONG);
	unlink(list);
	ck_assert_int_eq(fchdir(here), 0);
	close(here);
}
END_TEST

Suite *load_options_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("parse");

	tcase_add_test(tcase, test_defaults);
	tcase_add_test(tcase, test_everything);
	tcase_add_test(tcase, test_any_program);
	tcase_add_test(tcase, test_actions);
	tcase_add_test(tcase, test_group_by_name);
	tcase_add_loop_test(tcase, test_bad, 0, (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_loop_test(tcase, test_hooks, 0, (int)(sizeof(hooks) / sizeof(hooks[0])));
	tcase_add_test(tcase, test_long_pin_dir);
	tcase_add_loop_test(tcase, test_words, 0, (int)(sizeof(words) / sizeof(words[0])));
	tcase_add_test(tcase, test_words_that_do_not_fit);
	tcase_add_test(tcase, test_words_of_a_file);
	suite_add_tcase(suite, tcase);
	return suite;
}
