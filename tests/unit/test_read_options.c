// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tests of hb-read's command line: reader/options.c */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "reader/options.h"
#include "tests/unit/capture.h"
#include "tests/unit/suites.h"

#define S 1000000000UL

static struct read_options options;
static char message[1024];

/* Parse @text, words separated by one blank. The words stay valid until the next call. */
static int parse(const char *text)
{
	char *argv[CAPTURE_WORDS_MAX];
	int r = capture_words(argv, "hb-read", text);

	config_free(&options.config);
	capture_messages(message, sizeof(message));
	r = read_options_parse(r, argv, "/nonexistent", &options);
	capture_messages(NULL, 0);
	return r;
}

START_TEST(test_defaults)
{
	ck_assert_int_eq(parse(""), 1);
	ck_assert_int_eq(options.command, COMMAND_READ);
	ck_assert_str_eq(options.pin_dir, "/sys/fs/bpf/heartbeat");
	ck_assert_int_eq(options.format, FORMAT_TEXT);
	ck_assert_uint_eq(options.gc_interval, 5 * S);
	ck_assert(options.listen_default);
	ck_assert(!options.listen_none);
	ck_assert_uint_eq(options.listen_count, 0);
	ck_assert_ptr_null(options.node);
	ck_assert(!options.watch);
	ck_assert_uint_eq(options.verbose, 0);
}
END_TEST

START_TEST(test_everything)
{
	ck_assert_int_eq(
		parse("--format json --gc-interval 0 --listen 127.0.0.1:1 --listen [::1]:65535 --listen unix:/run/x -v --pin-dir /p"),
		1);
	ck_assert_int_eq(options.command, COMMAND_READ);
	ck_assert_str_eq(options.pin_dir, "/p");
	ck_assert_int_eq(options.format, FORMAT_JSON);
	ck_assert_uint_eq(options.gc_interval, 0);
	ck_assert(!options.listen_default);
	ck_assert_uint_eq(options.listen_count, 3);
	ck_assert_str_eq(options.listen[0], "127.0.0.1:1");
	ck_assert_str_eq(options.listen[1], "[::1]:65535");
	ck_assert_str_eq(options.listen[2], "unix:/run/x");
	ck_assert_uint_eq(options.verbose, 1);
}
END_TEST

static const struct {
	const char *text;
	enum command command;
} commands[] = {
	{"serve", COMMAND_SERVE},
	{"serve --gc-interval 86400 --listen none", COMMAND_SERVE},
	{"serve --node n", COMMAND_SERVE},
	{"--node n", COMMAND_READ},
	{"--pin-dir /p serve", COMMAND_SERVE},
	{"list", COMMAND_LIST},
	{"list --watch --format text", COMMAND_LIST},
	{"--watch list", COMMAND_LIST},
	{"status --format json --verbose", COMMAND_STATUS},
};

START_TEST(test_commands)
{
	ck_assert_int_eq(parse(commands[_i].text), 1);
	ck_assert_int_eq(options.command, commands[_i].command);
}
END_TEST

START_TEST(test_idle)
{
	ck_assert_int_eq(parse("idle 1800"), 1);
	ck_assert_int_eq(options.command, COMMAND_IDLE);
	ck_assert_uint_eq(options.idle_limit, 1800 * S);
	ck_assert_ptr_null(options.selector);
	ck_assert_ptr_null(options.touch);
	ck_assert_int_eq(parse("--cgroup /a idle 1 --touch /x/y"), 1);
	ck_assert_str_eq(options.selector, "cgroup");
	ck_assert_str_eq(options.selected, "/a");
	ck_assert_str_eq(options.touch, "/x/y");
	ck_assert_int_eq(parse("idle --container 0123456789ab 31622400"), 1);
	ck_assert_uint_eq(options.idle_limit, 31622400 * S);
	ck_assert_str_eq(options.selector, "container");
	ck_assert_str_eq(options.selected, "0123456789ab");
	ck_assert_int_eq(options.format, FORMAT_TEXT);
	ck_assert_int_eq(parse("idle 60 --pid=77 -v --format json"), 1);
	ck_assert_int_eq(options.format, FORMAT_JSON);
	ck_assert_str_eq(options.selector, "pid");
	ck_assert_str_eq(options.selected, "77");
	ck_assert_int_eq(parse("idle 60 --pod 01234567-89ab-cdef-0123-456789abcdef"), 1);
	ck_assert_str_eq(options.selector, "pod");
	ck_assert_int_eq(parse("-vv --verbose list"), 1);
	ck_assert_uint_eq(options.verbose, 3);
}
END_TEST

START_TEST(test_self)
{
	ck_assert_int_eq(parse("idle 60"), 1);
	ck_assert(!options.self);
	ck_assert_int_eq(parse("idle 60 --self --touch /x --format json"), 1);
	ck_assert(options.self);
	ck_assert_str_eq(options.socket, "/run/activity-heartbeat/self/socket");
	ck_assert_int_eq(parse("idle --socket /s 60 --self"), 1);
	ck_assert_str_eq(options.socket, "/s");
}
END_TEST

static const struct {
	const char *text;
	uint64_t limit;
	uint64_t interval;
} durations[] = {
	{"idle 30m", 1800 * S, 5 * S},	    {"idle 1.5h", 5400 * S, 5 * S},
	{"idle 366d", 31622400 * S, 5 * S}, {"idle 0.001", S / 1000, 5 * S},
	{"--gc-interval 1m", 0, 60 * S},    {"--gc-interval 0.1", 0, S / 10},
	{"--gc-interval 0s", 0, 0},	    {"serve --gc-interval 1d", 0, 86400 * S},
};

START_TEST(test_durations)
{
	ck_assert_int_eq(parse(durations[_i].text), 1);
	ck_assert_uint_eq(options.idle_limit, durations[_i].limit);
	ck_assert_uint_eq(options.gc_interval, durations[_i].interval);
}
END_TEST

/* As words, too, and whatever else is there. */
static const struct {
	const char *text;
	const char *answer;
} answered[] = {
	{"--help", "Usage: hb-read "},
	{"-h", "Usage: hb-read "},
	{"help", "Usage: hb-read "},
	{"help idle", "Usage: hb-read "},
	{"-v help", "Usage: hb-read "},
	{"--version", "hb-read "},
	{"-V", "hb-read "},
	{"version", "hb-read "},
	{"--pin-dir /p version", "hb-read "},
};

START_TEST(test_answered)
{
	char *printed = NULL;
	size_t length;
	FILE *saved = stdout;

	stdout = open_memstream(&printed, &length);
	ck_assert_ptr_nonnull(stdout);
	ck_assert_int_eq(parse(answered[_i].text), 0);
	fclose(stdout);
	stdout = saved;
	ck_assert_msg(strncmp(printed, answered[_i].answer, strlen(answered[_i].answer)) == 0,
		      "%s: printed: %s", answered[_i].text, printed);
	ck_assert_str_eq(message, "");
	free(printed);
}
END_TEST

START_TEST(test_explain)
{
	ck_assert_int_eq(parse("explain vim --pin-dir /p"), 1);
	ck_assert_int_eq(options.command, COMMAND_EXPLAIN);
	ck_assert_str_eq(options.explain, "vim");
	ck_assert_int_eq(parse("explain 1"), 1);
	ck_assert_str_eq(options.explain, "1");
}
END_TEST

START_TEST(test_listen_none)
{
	ck_assert_int_eq(parse("--listen none --listen none"), 1);
	ck_assert(options.listen_none);
	ck_assert(!options.listen_default);
	ck_assert_uint_eq(options.listen_count, 0);
}
END_TEST

/* Command lines to refuse, and part of the message. */
static const struct {
	const char *text;
	const char *message;
} refused[] = {
	{"lst", "unknown command \"lst\"; try: serve, list, status, idle, explain"},
	{"idle 60 --self --pid 1",
	 "--pid 1: give only one of --cgroup, --container, --pod, --pid and --self"},
	{"idle 60 --cgroup / --self", "--self: give only one of"},
	{"idle 60 --socket /s", "--socket /s: goes with --self"},
	{"list --self", "--self: not an option of hb-read list; it goes with: idle"},
	{"list status", "unexpected argument \"status\""},
	{"--nonsense", "unknown option --nonsense; try: hb-read --help"},
	{"-x", "unknown option -x; try: hb-read --help"},
	{"-vx", "unknown option -x"},
	{"--watch=yes list", "--watch=yes: takes no argument"},
	{"--verbose=yes", "--verbose=yes: takes no argument"},
	{"--format", "--format: needs an argument"},
	{"--format yaml", "--format yaml: give one of: text, json"},
	{"--format JSON", "--format JSON: give one of: text, json"},
	{"--gc-interval -1", "--gc-interval -1: give 0, or a time from 0.1s to 1d"},
	{"--gc-interval 0.09", "--gc-interval 0.09: give 0"},
	{"--gc-interval 86401", "--gc-interval 86401: give 0"},
	{"--gc-interval 5x", "--gc-interval 5x: give 0"},
	{"--gc-interval 99999999999999999999", "give 0"},
	{"--pin-dir=", "--pin-dir: give a path"},
	{"--listen localhost", "expected ADDR:PORT, [ADDR6]:PORT, :PORT, unix:PATH, self or none"},
	{"--listen 127.0.0.1:65536", "127.0.0.1:65536"},
	{"--listen none --listen 127.0.0.1:1", "give addresses or none, not both"},
	{"--listen 127.0.0.1:1 --listen none", "give addresses or none, not both"},
	{"--watch", "--watch: not an option of hb-read; it goes with: list"},
	{"status --watch", "--watch: not an option of hb-read status"},
	{"list --listen none", "--listen: not an option of hb-read list"},
	{"status --gc-interval 5", "--gc-interval: not an option of hb-read status"},
	{"list --gc-interval 5", "hb-read list; it goes with: serve"},
	{"serve --format json", "hb-read serve; it goes with: list, status"},
	{"idle", "idle: give TIME, for example: hb-read idle 30m"},
	{"idle 0", "idle 0: give a time from 0.001s to 366d, like 1800 (seconds), 30m or 1.5h"},
	{"idle 0.0009", "idle 0.0009: give a time"},
	{"idle 1x", "idle 1x: give a time"},
	{"idle -1", "unknown option -1"},
	{"idle 31622401", "idle 31622401: give a time"},
	{"idle 60 70", "unexpected argument \"70\""},
	{"idle 60 --cgroup a", "--cgroup a: give a path"},
	{"idle 60 --cgroup /a/../b", "--cgroup /a/../b: give a path"},
	{"idle 60 --container docker",
	 "--container docker: give 12 to 64 hexadecimal digits, perhaps after containerd://, or an ECS id"},
	{"idle 60 --pod vim", "--pod vim: give the uid that Kubernetes reports, like "},
	{"list --node n", "--node: not an option of hb-read list"},
	{"--node=", "--node: give a name of 1 to 255 bytes"},
	{"idle 60 --pid 0", "--pid 0: give a process id"},
	{"idle 60 --pid 1 --pid 1", "--pid 1: give only one of"},
	{"idle 60 --cgroup / --container 0123456789ab",
	 "--container 0123456789ab: give only one of"},
	{"idle 60 --format yaml", "--format yaml: give one of: text, json"},
	{"--touch x", "--touch: not an option of hb-read; it goes with: idle"},
	{"list --pid 1", "--pid: not an option of hb-read list"},
	{"explain", "explain: give PID|NAME, for example: hb-read explain vim"},
	{"explain 1 2", "unexpected argument \"2\""},
	{"explain --cgroup / 1", "--cgroup: not an option of hb-read explain"},
};

START_TEST(test_refused)
{
	ck_assert_int_eq(parse(refused[_i].text), -EINVAL);
	ck_assert_msg(strstr(message, refused[_i].message), "%s: printed: %s", refused[_i].text,
		      message);
}
END_TEST

START_TEST(test_bounds)
{
	char text[1024] = "";

	for (int i = 0; i < OPTIONS_LISTEN_MAX / 2; i++)
		strcat(text, "--listen=127.0.0.1:1 --listen=[::1]:1 ");
	ck_assert_int_eq(parse(text), 1);
	ck_assert_uint_eq(options.listen_count, OPTIONS_LISTEN_MAX);
	strcat(text, "--listen=127.0.0.1:2");
	ck_assert_int_eq(parse(text), -EINVAL);
	ck_assert_msg(strstr(message, "more than 16 addresses"), "printed: %s", message);

	strcpy(text, "--pin-dir=/");
	memset(text + strlen(text), 'x', 500);
	ck_assert_int_eq(parse(text), -EINVAL);
	ck_assert_msg(strstr(message, "give a path of 1 to"), "printed: %s", message);
}
END_TEST

Suite *read_options_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("options");

	tcase_add_test(tcase, test_defaults);
	tcase_add_test(tcase, test_everything);
	tcase_add_loop_test(tcase, test_commands, 0, sizeof(commands) / sizeof(commands[0]));
	tcase_add_test(tcase, test_idle);
	tcase_add_test(tcase, test_self);
	tcase_add_loop_test(tcase, test_durations, 0, sizeof(durations) / sizeof(durations[0]));
	tcase_add_loop_test(tcase, test_answered, 0, sizeof(answered) / sizeof(answered[0]));
	tcase_add_test(tcase, test_explain);
	tcase_add_test(tcase, test_listen_none);
	tcase_add_loop_test(tcase, test_refused, 0, sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tcase, test_bounds);
	suite_add_tcase(suite, tcase);
	return suite;
}
