// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lines of beats: beat_format.c and pending.c of reader/lines, reader/text/tty.c */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "reader/lines/beat_format.h"
#include "reader/text/json.h"
#include "reader/text/tty.h"
#include "tests/unit/suites.h"

static char line[BEAT_FORMAT_LINE_MAX];

static const struct {
	uint64_t time;
	uint32_t pid;
	const char *line;
} texts[] = {
	{1628815021831806232, 7171, "1628815021831806232 - 7171\n"},
	{0, 0, "0 - 0\n"},
	{1000000000000000000, 10, "1000000000000000000 - 10\n"},
	{UINT64_MAX, UINT32_MAX, "18446744073709551615 - 4294967295\n"},
};

START_TEST(test_text)
{
	size_t length = beat_format_text(line, texts[_i].time, texts[_i].pid);

	ck_assert_uint_eq(length, strlen(texts[_i].line));
	ck_assert_int_eq(memcmp(line, texts[_i].line, length), 0);
}
END_TEST

static void check_json(const struct hb_beat *beat, uint64_t unix_ns,
		       const struct beat_source *source, const char *expected)
{
	size_t length = beat_format_json(line, beat, unix_ns, source);

	ck_assert_uint_lt(length, sizeof(line));
	line[length] = '\0';
	ck_assert_str_eq(line, expected);
}

START_TEST(test_json)
{
	const struct hb_beat beat = {.time = 5, .seq = 42, .pid = 7171};
	const struct beat_source source = {
		.program = "vim",
		.uid = 1000,
		.tty = 136U << 20 | 3,
		.cgroup_id = 4711,
		.cgroup = "\"/a/b\"",
		.container = "0123",
	};

	check_json(
		&beat, 1628815021831806232, &source,
		"{\"v\":1,\"type\":\"beat\",\"seq\":42,\"time_ns\":1628815021831806232,\"time\":\"2021-08-13T00:37:01.831806232Z\",\"pid\":7171,\"program\":\"vim\",\"uid\":1000,\"tty\":\"pts/3\",\"cgroup_id\":4711,\"cgroup\":\"/a/b\",\"container\":\"0123\"}\n");
}
END_TEST

START_TEST(test_json_unknown)
{
	const struct hb_beat beat = {.seq = 0, .pid = 1};
	/* A name of 16 bytes has no NUL in it. */
	struct beat_source source = {.program = "\"\\\n345678901234"};

	memcpy(source.program + 12, "abcd", 4);
	check_json(
		&beat, 1, NULL,
		"{\"v\":1,\"type\":\"beat\",\"seq\":0,\"time_ns\":1,\"time\":\"1970-01-01T00:00:00.000000001Z\",\"pid\":1,\"program\":null,\"uid\":null,\"tty\":null,\"cgroup_id\":null,\"cgroup\":null,\"container\":null}\n");
	check_json(
		&beat, 1, &source,
		"{\"v\":1,\"type\":\"beat\",\"seq\":0,\"time_ns\":1,\"time\":\"1970-01-01T00:00:00.000000001Z\",\"pid\":1,\"program\":\"\\\"\\\\%0A345678901abcd\",\"uid\":0,\"tty\":null,\"cgroup_id\":0,\"cgroup\":null,\"container\":null}\n");
}
END_TEST

/* The second's text is kept from line to line. */
START_TEST(test_json_times)
{
	static const struct {
		uint64_t time;
		const char *text;
	} times[] = {
		{1628815021999999999, "2021-08-13T00:37:01.999999999Z"},
		{1628815021000000000, "2021-08-13T00:37:01.000000000Z"},
		{1628815022000000001, "2021-08-13T00:37:02.000000001Z"},
		{1628811422000000001, "2021-08-12T23:37:02.000000001Z"},
	};
	const struct hb_beat beat = {.seq = 1, .pid = 1};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		line[beat_format_json(line, &beat, times[i].time, NULL)] = '\0';
		ck_assert_msg(strstr(line, times[i].text), "no %s in %s", times[i].text, line);
	}
}
END_TEST

START_TEST(test_json_longest)
{
	const struct hb_beat beat = {.seq = UINT64_MAX, .pid = UINT32_MAX};
	char container[65];
	char path[BEAT_FORMAT_CGROUP_MAX];
	struct beat_source source = {
		.uid = UINT32_MAX,
		.tty = UINT32_MAX,
		.cgroup_id = UINT64_MAX,
		.cgroup = path,
		.container = container,
	};

	memset(source.program, '\001', sizeof(source.program));
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	memset(container, 'f', sizeof(container));
	container[sizeof(container) - 1] = '\0';
	ck_assert_uint_le(beat_format_json(line, &beat, UINT64_MAX, &source), sizeof(line));
}
END_TEST

START_TEST(test_json_lost)
{
	size_t length = beat_format_json_lost(line, 45926);

	line[length] = '\0';
	ck_assert_str_eq(line, "{\"v\":1,\"type\":\"lost\",\"count\":45926}\n");
}
END_TEST

static const struct {
	uint32_t major;
	uint32_t minor;
	const char *name;
} terminals[] = {
	{136, 0, "pts/0"},
	{136, 3, "pts/3"},
	{136, 1048575, "pts/1048575"},
	{137, 1, "pts/257"},
	{143, 255, "pts/2047"},
	{144, 0, "144:0"},
	{4, 0, "tty0"},
	{4, 63, "tty63"},
	{4, 64, "ttyS0"},
	{4, 255, "ttyS191"},
	{5, 1, "5:1"},
	{229, 0, "229:0"},
	{4095, 1048575, "4095:1048575"},
};

START_TEST(test_tty)
{
	char name[TTY_NAME_LEN];

	ck_assert_int_eq(tty_name(name, terminals[_i].major << 20 | terminals[_i].minor), 0);
	ck_assert_str_eq(name, terminals[_i].name);
}
END_TEST

START_TEST(test_no_tty)
{
	char name[TTY_NAME_LEN] = "x";

	ck_assert_int_eq(tty_name(name, 0), -ENOENT);
	ck_assert_str_eq(name, "");
}
END_TEST

START_TEST(test_user_side)
{
	ck_assert(tty_is_user_side(4, 1));
	ck_assert(tty_is_user_side(5, 0));
	ck_assert(tty_is_user_side(136, 1));
	ck_assert(tty_is_user_side(143, 0));
	/* /dev/ptmx, and the masters of BSD pseudo-terminals. */
	ck_assert(!tty_is_user_side(5, 2));
	ck_assert(!tty_is_user_side(2, 0));
	ck_assert(!tty_is_user_side(144, 0));
}
END_TEST

Suite *beat_format_suite(void)
{
	Suite *suite = suite_create("beats");
	TCase *tcase = tcase_create("beats");

	tcase_add_loop_test(tcase, test_text, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(tcase, test_json);
	tcase_add_test(tcase, test_json_unknown);
	tcase_add_test(tcase, test_json_times);
	tcase_add_test(tcase, test_json_longest);
	tcase_add_test(tcase, test_json_lost);
	tcase_add_loop_test(tcase, test_tty, 0, sizeof(terminals) / sizeof(terminals[0]));
	tcase_add_test(tcase, test_no_tty);
	tcase_add_test(tcase, test_user_side);
	suite_add_tcase(suite, tcase);
	return suite;
}
