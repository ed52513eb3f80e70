// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tree of control groups, on directories of our own and on this host: reader/maps/cgroup_tree.c */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Where the version 2 hierarchy is, according to the C library. Returns false if there is none. */
static bool find_mount(char point[256])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *mount;

	ck_assert_ptr_nonnull(mounts);
	while ((mount = getmntent(mounts))) {
		if (strcmp(mount->mnt_type, "cgroup2") == 0) {
			snprintf(point, 256, "%s", mount->mnt_dir);
			break;
		}
	}
	endmntent(mounts);
	return mount;
}

START_TEST(test_this_host)
{
	const struct cgroup_tree *tree = cgroup_tree_now(0);
	char path[CGROUP_PATH_MAX];
	uint64_t read_at;
	char point[256];
	struct stat st;

	ck_assert_ptr_nonnull(tree);
	if (find_mount(point)) {
		ck_assert_str_eq(cgroup_mount_point(), point);
		ck_assert_int_eq(stat(point, &st), 0);
		ck_assert_str_eq(cgroup_tree_path(tree, st.st_ino), "/");
		ck_assert_int_eq(cgroup_tree_find(st.st_ino, 0, path), 0);
		ck_assert_str_eq(path, "/");
	} else {
		ck_assert_ptr_null(cgroup_mount_point());
		ck_assert_int_eq(cgroup_tree_find(1, 0, path), -ENOENT);
	}
	/* Kept as long as it is new enough. */
	tree = cgroup_tree_now(0);
	read_at = cgroup_tree_read_at(tree);
	ck_assert_ptr_eq(cgroup_tree_now(read_at), tree);
	ck_assert_uint_gt(cgroup_tree_read_at(cgroup_tree_now(clock_boot_ns())), read_at);
}
END_TEST

/* Each group at the top must be found by its id alone. */
START_TEST(test_search)
{
	char path[CGROUP_PATH_MAX];
	struct dirent *entry;
	char point[256];
	struct stat st;
	DIR *dir;
	int r;

	if (!find_mount(point))
		return;
	dir = opendir(point);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (fstatat(dirfd(dir), entry->d_name, &st, 0) < 0)
			continue;
		r = cgroup_tree_find(st.st_ino, 0, path);
		/* It may have been removed meanwhile. */
		if (r == -ENOENT && fstatat(dirfd(dir), entry->d_name, &st, 0) < 0)
			continue;
		ck_assert_int_eq(r, 0);
		ck_assert_int_eq(path[0], '/');
		ck_assert_str_eq(path + 1, entry->d_name);
	}
	closedir(dir);
}
END_TEST

START_TEST(test_find_by_process)
{
	char own[CGROUP_PATH_MAX] = "";
	char path[CGROUP_PATH_MAX];
	char line[CGROUP_PATH_MAX];
	char full[2 * CGROUP_PATH_MAX];
	struct stat st;
	FILE *file;

	/* The process is in another group than this one, which does not exist. */
	ck_assert_int_eq(cgroup_tree_find(UINT64_MAX - 1, (uint32_t)getpid(), path), -ENOENT);
	ck_assert_str_eq(path, "");
	file = fopen("/proc/self/cgroup", "re");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "0::%4095s", own);
	ck_assert_ptr_nonnull(file);
	fclose(file);
	snprintf(full, sizeof(full), "%s%s", cgroup_mount_point() ? cgroup_mount_point() : "", own);
	if (own[0] == '\0' || !cgroup_mount_point() || stat(full, &st) < 0)
		return;
	ck_assert_int_eq(cgroup_tree_find(st.st_ino, (uint32_t)getpid(), path), 0);
	ck_assert_str_eq(path, own);
}
END_TEST

START_TEST(test_cut_users)
{
	struct cgroup_tree *tree;
	char path[512];
	uint64_t id;

	full_path(path, "/a/user-1000.slice");
	ck_assert_int_eq(mkdir(path, 0755), 0);
	id = inode("/a/user-1000.slice");
	ck_assert_int_eq(cgroup_tree_read(root, &tree), 0);
	rmdir(path);
	ck_assert_str_eq(cgroup_tree_path(tree, id), "/a/user-1000.slice");
	cgroup_tree_cut_users(tree);
	ck_assert_str_eq(cgroup_tree_path(tree, id), "/a");
	ck_assert_str_eq(cgroup_tree_path(tree, inode("/ab")), "/ab");
	cgroup_tree_free(tree);
}
END_TEST

Suite *cgroup_tree_suite(void)
{
	Suite *suite = suite_create("cgroup_tree");
	TCase *tcase = tcase_create("cgroup_tree");

	tcase_add_unchecked_fixture(tcase, make_tree, remove_tree);
	tcase_add_test(tcase, test_tree);
	tcase_add_test(tcase, test_nothing);
	tcase_add_test(tcase, test_this_host);
	tcase_add_test(tcase, test_search);
	tcase_add_test(tcase, test_find_by_process);
	tcase_add_test(tcase, test_cut_users);
	suite_add_tcase(suite, tcase);
	return suite;
}
