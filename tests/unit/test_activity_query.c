// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What may be asked about: reader/activity/activity_query.c */
#include <errno.h>

#include <check.h>

#include "reader/activity/activity.h"
#include "tests/unit/fixture.h"
#include "tests/unit/suites.h"

static const struct {
	const char *selector;
	const char *value;
	int result;
} queries[] = {
	{"cgroup", "/", 0},
	{"cgroup", "/user.slice/user-1000.slice", 0},
	{"cgroup", "/a..b/...", 0},
	{"cgroup", "", -EINVAL},
	{"cgroup", "user.slice", -EINVAL},
	{"cgroup", "/user.slice/", -EINVAL},
	{"cgroup", "//", -EINVAL},
	{"cgroup", "/a//b", -EINVAL},
	{"cgroup", "/a/./b", -EINVAL},
	{"cgroup", "/a/../../etc", -EINVAL},
	{"cgroup", "/a/..", -EINVAL},
	{"cgroup", "/.", -EINVAL},
	{"container", CONTAINER, 0},
	{"container", "fedcba987654", 0},
	{"container", "fedcba98765", -EINVAL},
	{"container", CONTAINER "0", -EINVAL},
	{"container", "FEDCBA987654", -EINVAL},
	{"container", "", -EINVAL},
	{"container", "containerd://" CONTAINER, 0},
	{"container", "docker://fedcba987654", 0},
	{"container", "cri-o://fedcba987654", 0},
	{"container", "containerd://", -EINVAL},
	{"container", "containerd:/fedcba987654", -EINVAL},
	{"container", "containerd//fedcba987654", -EINVAL},
	{"container", "://fedcba987654", -EINVAL},
	{"container", "docker://docker://fedcba987654", -EINVAL},
	{"pod", "01234567-89ab-cdef-0123-456789abcdef", 0},
	{"pod", "0123456789abcdef0123456789abcdef", 0},
	{"pod", "01234567_89ab_cdef_0123_456789abcdef", -EINVAL},
	{"pod", "01234567-89ab-cdef-0123-456789abcde", -EINVAL},
	{"pod", "01234567-89ab-cdef-0123-456789abcdef0", -EINVAL},
	{"pod", "01234567-89AB-cdef-0123-456789abcdef", -EINVAL},
	{"pod", "x/pod01234567-89ab-cdef-0123-456789ab", -EINVAL},
	{"pod", "", -EINVAL},
	{"pid", "1", 0},
	{"pid", "2147483647", 0},
	{"pid", "2147483648", -EINVAL},
	{"pid", "0", -EINVAL},
	{"pid", "-1", -EINVAL},
	{"pid", "1 ", -EINVAL},
	{"pid", "", -EINVAL},
	{"uid", "0", -ENOENT},
};

START_TEST(test_query)
{
	struct activity_query query = {.by = ACTIVITY_NODE};

	ck_assert_int_eq(activity_query_add(&query, queries[_i].selector, queries[_i].value),
			 queries[_i].result);
	if (queries[_i].result < 0)
		ck_assert_int_eq(query.by, ACTIVITY_NODE);
	else
		ck_assert_int_eq(activity_query_add(&query, "pid", "1"), -EINVAL);
}
END_TEST

START_TEST(test_query_drops_the_runtime)
{
	struct activity_query query = {.by = ACTIVITY_NODE};

	ck_assert_int_eq(activity_query_add(&query, "container", "cri-o://" CONTAINER), 0);
	ck_assert_str_eq(query.name, CONTAINER);
}
END_TEST

Suite *activity_query_suite(void)
{
	Suite *suite = suite_create("activity_query");
	TCase *tcase = tcase_create("activity_query");

	tcase_add_loop_test(tcase, test_query, 0, (int)(sizeof(queries) / sizeof(*queries)));
	tcase_add_test(tcase, test_query_drops_the_runtime);
	suite_add_tcase(suite, tcase);
	return suite;
}
