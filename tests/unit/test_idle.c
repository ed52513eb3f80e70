// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* hb-read idle: reader/activity/judge.c, and the file it touches: reader/commands/idle.c */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <check.h>

#include "bpf/lib/log.h"
#include "reader/activity/judge.h"
#include "reader/commands/idle.h"
#include "tests/unit/capture.h"
#include "tests/unit/suites.h"

#define S 1000000000ULL

enum { NOW = 10000 };

static const struct {
	uint64_t since;
	const char *doubt;
	uint64_t until; /* in seconds; 0: for ever */
	uint64_t seconds;
	enum idle_verdict verdict;
} judged[] = {
	{9000, "", 0, 1000, IDLE_IDLE},
	{9000, "", 0, 1001, IDLE_ACTIVE},
	{9001, "", 0, 1000, IDLE_ACTIVE},
	{10001, "", 0, 1, IDLE_ACTIVE},
	{1000, "", 0, 31622400, IDLE_ACTIVE},
	/* A doubt turns idle into unknown, but never active. */
	{9000, "blind", 0, 1000, IDLE_UNKNOWN},
	{9000, "blind", 0, 1001, IDLE_ACTIVE},
	{5000, "hidden", 6000, 1000, IDLE_IDLE},
	{5000, "hidden", 9000, 1000, IDLE_IDLE},
	{5000, "hidden", 9001, 1000, IDLE_UNKNOWN},
	{5000, "hidden", 10001, 1, IDLE_UNKNOWN},
};

START_TEST(test_judge)
{
	struct activity_answer given = {
		.activity = {.since = judged[_i].since * S},
		.doubt_until = judged[_i].until ? judged[_i].until * S : UINT64_MAX,
	};

	strcpy(given.doubt, judged[_i].doubt);
	ck_assert_int_eq(idle_judge(&given, NOW * S, judged[_i].seconds * S), judged[_i].verdict);
}
END_TEST

static uint64_t modified(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return (uint64_t)st.st_mtim.tv_sec * S + (uint64_t)st.st_mtim.tv_nsec;
}

START_TEST(test_touch)
{
	char root[] = "/tmp/hb-idle-XXXXXX";
	char message[512];
	char link[64];
	char path[64];
	char below[80];

	/* Some versions of valgrind do not know openat2(2). */
	if (syscall(SYS_openat2, AT_FDCWD, NULL, NULL, 0) < 0 && errno == ENOSYS)
		return;
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/touched", root);
	snprintf(link, sizeof(link), "%s/link", root);
	ck_assert_int_eq(idle_touch(path, 1700000000 * S + 17), 0);
	ck_assert_uint_eq(modified(path), 1700000000 * S + 17);
	ck_assert_int_eq(idle_touch(path, 1700000001 * S + 1), 0);
	ck_assert_uint_eq(modified(path), 1700000001 * S + 1);
	/* It never goes back: that would stop a workspace early. */
	ck_assert_int_eq(idle_touch(path, 1700000001 * S), 0);
	ck_assert_int_eq(idle_touch(path, 1600000000 * S), 0);
	ck_assert_uint_eq(modified(path), 1700000001 * S + 1);

	capture_messages(message, sizeof(message));
	ck_assert_int_eq(symlink(path, link), 0);
	ck_assert_int_lt(idle_touch(link, 1800000000 * S), 0);
	ck_assert_ptr_nonnull(strstr(message, "symbolic link"));
	/* Nor in any other part of the path, whether the file exists or not. */
	ck_assert_int_eq(unlink(link), 0);
	ck_assert_int_eq(symlink(root, link), 0);
	snprintf(below, sizeof(below), "%s/touched", link);
	ck_assert_int_lt(idle_touch(below, 1800000000 * S), 0);
	ck_assert_ptr_nonnull(strstr(message, "symbolic link"));
	snprintf(below, sizeof(below), "%s/new", link);
	ck_assert_int_lt(idle_touch(below, 1800000000 * S), 0);
	ck_assert_int_lt(access(below, F_OK), 0);
	ck_assert_int_lt(idle_touch("/nonexistent/file", 1800000000 * S), 0);
	ck_assert_ptr_nonnull(
		strstr(message, "--touch /nonexistent/file: No such file or directory"));
	ck_assert_int_lt(idle_touch(root, 1800000000 * S), 0);
	capture_messages(NULL, 0);
	ck_assert_uint_eq(modified(path), 1700000001 * S + 1);
	unlink(link);
	unlink(path);
	rmdir(root);
}
END_TEST

Suite *idle_suite(void)
{
	Suite *suite = suite_create("idle");
	TCase *tcase = tcase_create("idle");

	tcase_add_loop_test(tcase, test_judge, 0, (int)(sizeof(judged) / sizeof(judged[0])));
	tcase_add_test(tcase, test_touch);
	suite_add_tcase(suite, tcase);
	return suite;
}
