// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tree of control groups: reader/places.c, on directories of our own */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "bpf/lib/cgroup.h"
#include "bpf/lib/clock.h"
#include "reader/maps/places.h"
#include "tests/unit/suites.h"

#define CONTAINER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char root[] = "/tmp/hb-places-XXXXXX";
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
	struct places *places;

	ck_assert_int_eq(places_read(root, &places), 0);
	ck_assert_uint_ge(places_read_at(places), before);
	ck_assert_uint_le(places_read_at(places), clock_boot_ns());
	for (int i = 0; i < DIRECTORIES; i++) {
		uint64_t id = inode(directories[i]);

		ck_assert_str_eq(places_path(places, id), directories[i]);
		ck_assert_uint_eq(places_id(places, directories[i]), id);
	}
	ck_assert_str_eq(places_path(places, inode("")), "/");
	ck_assert_uint_eq(places_id(places, "/"), inode(""));
	ck_assert_ptr_null(places_path(places, UINT64_MAX));
	ck_assert_uint_eq(places_id(places, "/a/"), 0);
	ck_assert_uint_eq(places_id(places, "/b"), 0);
	/* Its root is not that of the hierarchy: what is not here may be elsewhere. */
	ck_assert(!places_are_whole(places));
	ck_assert(places_have_container(places, CONTAINER));
	ck_assert(places_have_container(places, "0123456789ab"));
	ck_assert(!places_have_container(places, "123456789abc"));
	places_free(places);
}
END_TEST

START_TEST(test_nothing)
{
	struct places *places;

	ck_assert_int_eq(places_read(NULL, &places), 0);
	ck_assert_ptr_null(places_path(places, 1));
	ck_assert_uint_eq(places_id(places, "/"), 0);
	ck_assert(!places_are_whole(places));
	places_free(places);
	ck_assert_int_eq(places_read("/nonexistent/hierarchy", &places), 0);
	ck_assert_ptr_null(places_path(places, 1));
	ck_assert(!places_are_whole(places));
	places_free(places);
	places_free(NULL);
}
END_TEST

START_TEST(test_this_host)
{
	const struct places *places = places_now(0);
	uint64_t read_at;
	struct stat st;

	ck_assert_ptr_nonnull(places);
	if (cgroup_mount_point()) {
		ck_assert_int_eq(stat(cgroup_mount_point(), &st), 0);
		ck_assert_str_eq(places_path(places, st.st_ino), "/");
	}
	/* Kept as long as it is new enough. */
	read_at = places_read_at(places);
	ck_assert_ptr_eq(places_now(read_at), places);
	ck_assert_uint_gt(places_read_at(places_now(clock_boot_ns())), read_at);
}
END_TEST

Suite *places_suite(void)
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
