// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Paths of control groups and their ids: reader/maps/cgroup_tree.c */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "reader/maps/cgroup_tree.h"
#include "tests/unit/fixture.h"
#include "tests/unit/suites.h"

static struct snapshot *const snapshot = &fixture_report.snapshot;
static char path[CGROUP_PATH_MAX];

static const char *const paths[] = {
	"/", "/a", "/a/sub", "/ab", "/pod", SCOPE, SCOPE "/init", "/user-1000.slice",
};

START_TEST(test_paths)
{
	uint64_t id = (uint64_t)_i + 1;

	ck_assert_int_eq(cgroup_tree_path(snapshot, id, path), 0);
	ck_assert_str_eq(path, paths[_i]);
	ck_assert_uint_eq(cgroup_tree_id(snapshot, paths[_i]), id);
}
END_TEST

static const char *const no_paths[] = {
	"/b", "/su", "/sub", "/a/a", "/a/su", "/a/subs", "/a/sub/x", "/abc", "/ab/sub", "/a//sub",
};

START_TEST(test_no_such_path)
{
	ck_assert_uint_eq(cgroup_tree_id(snapshot, no_paths[_i]), 0);
}
END_TEST

START_TEST(test_without_record)
{
	uint64_t id = fixture_id("/a/sub");

	strcpy(path, "x");
	ck_assert_int_eq(cgroup_tree_path(snapshot, UNRECORDED, path), -ENOENT);
	ck_assert_str_eq(path, "");
	ck_assert_int_eq(cgroup_tree_path(snapshot, 0, path), -ENOENT);
	fixture_cgroup("/a")->parent_id = UNRECORDED;
	ck_assert_int_eq(cgroup_tree_path(snapshot, id, path), -ENOENT);
	ck_assert_str_eq(path, "");
	ck_assert_uint_eq(cgroup_tree_id(snapshot, "/a/sub"), 0);
	ck_assert_uint_eq(cgroup_tree_id(snapshot, "/a"), 0);
}
END_TEST

/* The root is found by its parent, not by its id. */
START_TEST(test_nothing)
{
	snapshot->cgroup_count = 0;
	ck_assert_uint_eq(cgroup_tree_id(snapshot, "/"), 0);
	ck_assert_uint_eq(cgroup_tree_id(snapshot, "/a"), 0);
	ck_assert_int_eq(cgroup_tree_path(snapshot, 1, path), -ENOENT);
}
END_TEST

/* As deep and as long as a path can be, with its NUL. */
START_TEST(test_deep)
{
	char expected[CGROUP_PATH_MAX] = "";
	uint64_t id = fixture_id("/");

	for (size_t length = 0; length < CGROUP_PATH_MAX - 2; length += 2) {
		id = add_cgroup(id, "x");
		strcpy(expected + length, "/x");
	}
	ck_assert_uint_eq(strlen(expected), CGROUP_PATH_MAX - 2);
	ck_assert_int_eq(cgroup_tree_path(snapshot, id, path), 0);
	ck_assert_str_eq(path, expected);
	ck_assert_uint_eq(cgroup_tree_id(snapshot, expected), id);
	id = add_cgroup(id, "y");
	ck_assert_int_eq(cgroup_tree_path(snapshot, id, path), -ENAMETOOLONG);
	ck_assert_str_eq(path, "");
	strcpy(snapshot_find_cgroup(snapshot, id)->record.name, "");
	ck_assert_int_eq(cgroup_tree_path(snapshot, id, path), 0);
	ck_assert_uint_eq(strlen(path), CGROUP_PATH_MAX - 1);
}
END_TEST

/* Of 255 bytes, as long as a name can be; a longer one is no group's. */
START_TEST(test_long_names)
{
	char name[HB_CGROUP_NAME_LEN + 2] = "/";
	uint64_t id;

	memset(name + 1, 'n', HB_CGROUP_NAME_LEN - 1);
	id = add_cgroup(fixture_id("/"), name + 1);
	ck_assert_uint_eq(fixture_id(name), id);
	ck_assert_int_eq(cgroup_tree_path(snapshot, id, path), 0);
	ck_assert_str_eq(path, name);
	name[HB_CGROUP_NAME_LEN] = 'n';
	ck_assert_uint_eq(cgroup_tree_id(snapshot, name), 0);
	/* The copy in a record always ends. */
	memset(fixture_cgroup("/a")->name, 'm', HB_CGROUP_NAME_LEN);
	ck_assert_int_eq(cgroup_tree_path(snapshot, 2, path), 0);
	ck_assert_uint_eq(strlen(path), HB_CGROUP_NAME_LEN + 1);
}
END_TEST

/* No kernel makes such records. */
START_TEST(test_cycle)
{
	uint64_t sub = fixture_id("/a/sub");

	fixture_cgroup("/a")->parent_id = sub;
	ck_assert_int_eq(cgroup_tree_path(snapshot, sub, path), -ENAMETOOLONG);
	ck_assert_uint_eq(cgroup_tree_id(snapshot, "/a"), 0);
	snapshot_find_cgroup(snapshot, sub)->record.parent_id = sub;
	memset(snapshot_find_cgroup(snapshot, sub)->record.name, 0, HB_CGROUP_NAME_LEN);
	ck_assert_int_eq(cgroup_tree_path(snapshot, sub, path), -ENAMETOOLONG);
	ck_assert_str_eq(path, "");
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

Suite *cgroup_tree_suite(void)
{
	Suite *suite = suite_create("cgroup_tree");
	TCase *tcase = tcase_create("cgroup_tree");

	tcase_add_checked_fixture(tcase, fixture_start, fixture_end);
	tcase_add_loop_test(tcase, test_paths, 0, COUNT(paths));
	tcase_add_loop_test(tcase, test_no_such_path, 0, COUNT(no_paths));
	tcase_add_test(tcase, test_without_record);
	tcase_add_test(tcase, test_nothing);
	tcase_add_test(tcase, test_deep);
	tcase_add_test(tcase, test_long_names);
	tcase_add_test(tcase, test_cycle);
	suite_add_tcase(suite, tcase);
	return suite;
}
