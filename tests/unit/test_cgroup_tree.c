// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tree of control groups: reader/tree.c, on directories of our own */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "bpf/lib/cgroup.h"
#include "bpf/lib/clock.h"
#include "reader/maps/cgroup_tree.h"
#include "tests/unit/suites.h"

#define CONTAINER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char root[] = "/tmp/hb-tree-XXXXXX";
/* Each before what is in it. */
static const char *const directories[] = {"/a", "/a/docker-" CONTAINER ".scope",
					  "/a/docker-" CONTAINER ".scope/inner", "/ab"};

enum { DIRECTORIES = sizeof(directories) / sizeof(directories[0]) };

static void full_path(char path[512], const char *below)
{
	snprintf(path, 512, "%s%s", root, below);
}

static uint64_t inode(const char *below)
{
	char path[512];
	struct stat st;

	full_path(path, below);
	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_ino;
}

static void make_tree(void)
{
	char path[512];

	ck_assert_ptr_nonnull(mkdtemp(root));
	for (int i = 0; i < DIRECTORIES; i++) {
		full_path(path, directories[i]);
		ck_assert_int_eq(mkdir(path, 0755), 0);
	}
}

static void remove_tree(void)
{
	char path[512];

	for (int i = DIRECTORIES - 1; i >= 0; i--) {
		full_path(path, directories[i]);
		rmdir(path);
	}
	rmdir(root);
}

START_TEST(test_tree)
{
	uint64_t before = clock_boot_ns();
	struct cgroup_tree *tree;

	ck_assert_int_eq(cgroup_tree_read(root, &tree), 0);
	ck_assert_uint_ge(cgroup_tree_read_at(tree), before);
	ck_assert_uint_le(cgroup_tree_read_at(tree), clock_boot_ns());
	for (int i = 0; i < DIRECTORIES; i++) {
		uint64_t id = inode(directories[i]);

		ck_assert_str_eq(cgroup_tree_path(tree, id), directories[i]);
		ck_assert_uint_eq(cgroup_tree_id(tree, directories[i]), id);
	}
	ck_assert_str_eq(cgroup_tree_path(tree, inode("")), "/");
	ck_assert_uint_eq(cgroup_tree_id(tree, "/"), inode(""));
	ck_assert_ptr_null(cgroup_tree_path(tree, UINT64_MAX));
	ck_assert_uint_eq(cgroup_tree_id(tree, "/a/"), 0);
	ck_assert_uint_eq(cgroup_tree_id(tree, "/b"), 0);
	/* Its root is not that of the hierarchy: what is not here may be elsewhere. */
	ck_assert(!cgroup_tree_is_whole(tree));
	ck_assert(cgroup_tree_has_container(tree, CONTAINER));
	ck_assert(cgroup_tree_has_container(tree, "0123456789ab"));
	ck_assert(!cgroup_tree_has_container(tree, "123456789abc"));
	cgroup_tree_free(tree);
}
END_TEST

START_TEST(test_nothing)
{
	struct cgroup_tree *tree;

	ck_assert_int_eq(cgroup_tree_read(NULL, &tree), 0);
	ck_assert_ptr_null(cgroup_tree_path(tree, 1));
	ck_assert_uint_eq(cgroup_tree_id(tree, "/"), 0);
	ck_assert(!cgroup_tree_is_whole(tree));
	cgroup_tree_free(tree);
	ck_assert_int_eq(cgroup_tree_read("/nonexistent/hierarchy", &tree), 0);
	ck_assert_ptr_null(cgroup_tree_path(tree, 1));
	ck_assert(!cgroup_tree_is_whole(tree));
	cgroup_tree_free(tree);
	cgroup_tree_free(NULL);
}
END_TEST

START_TEST(test_this_host)
{
	const struct cgroup_tree *tree = cgroup_tree_now(0);
	uint64_t read_at;
	struct stat st;

	ck_assert_ptr_nonnull(tree);
	if (cgroup_mount_point()) {
		ck_assert_int_eq(stat(cgroup_mount_point(), &st), 0);
		ck_assert_str_eq(cgroup_tree_path(tree, st.st_ino), "/");
	}
	/* Kept as long as it is new enough. */
	read_at = cgroup_tree_read_at(tree);
	ck_assert_ptr_eq(cgroup_tree_now(read_at), tree);
	ck_assert_uint_gt(cgroup_tree_read_at(cgroup_tree_now(clock_boot_ns())), read_at);
}
END_TEST

Suite *cgroup_tree_suite(void)
{
	Suite *suite = suite_create("places");
	TCase *tcase = tcase_create("places");

	tcase_add_unchecked_fixture(tcase, make_tree, remove_tree);
	tcase_add_test(tcase, test_tree);
	tcase_add_test(tcase, test_nothing);
	tcase_add_test(tcase, test_this_host);
	suite_add_tcase(suite, tcase);
	return suite;
}
