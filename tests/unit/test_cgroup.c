// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Control groups and the holders of slots: bpf/lib/cgroup.c, bpf/lib/holders.c */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "bpf/lib/cgroup.h"
#include "reader/lines/holders.h"
#include "tests/unit/suites.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *name;
	const char *id; /* NULL: none */
} containers[] = {
	{ID, ID},
	{"docker-" ID ".scope", ID},
	{"cri-containerd-" ID ".scope", ID},
	{"crio-" ID ".scope", ID},
	{"crio-" ID, ID},
	{"libpod-" ID ".scope", ID},
	{"/system.slice/docker-" ID ".scope", ID},
	{"/docker/" ID, ID},
	{"/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope", ID},
	{"/x/kubepods-pod1.slice:cri-containerd:" ID, ID},
	/* Cgroups inside a container; a container in a container: the inner one. */
	{"/machine.slice/libpod-" ID ".scope/container", ID},
	{"/docker/" ID "/system.slice/ssh.service", ID},
	{"/docker/f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/docker/" ID, ID},
	{"", NULL},
	{"/", NULL},
	{"//", NULL},
	{".scope", NULL},
	{"/user.slice/user-1000.slice/session-2.scope", NULL},
	{"docker-0123456789ab.scope", NULL},
	{"docker-" ID "0.scope", NULL},
	{"x" ID, NULL},
	{ID "x", NULL},
	{"docker-0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef.scope", NULL},
	{ID ".slice", NULL},
};

START_TEST(test_container)
{
	char id[CGROUP_CONTAINER_LEN] = "untouched";
	int r = cgroup_container(containers[_i].name, id);

	if (containers[_i].id) {
		ck_assert_int_eq(r, 0);
		ck_assert_str_eq(id, containers[_i].id);
	} else {
		ck_assert_int_eq(r, -ENOENT);
	}
}
END_TEST

#define UID	     "8f2c0a51-0d0e-4c43-9c1b-0123456789ab"
#define UID_IN_SLICE "8f2c0a51_0d0e_4c43_9c1b_0123456789ab"
#define HASH	     "0123456789abcdef0123456789abcdef"

static const struct {
	const char *path;
	const char *pod; /* NULL: none */
} pods[] = {
	{"/kubepods/burstable/pod" UID "/" ID, UID},
	{"/kubepods/pod" UID, UID},
	{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_IN_SLICE
	 ".slice/cri-containerd-" ID ".scope",
	 UID},
	{"/kubepods.slice/kubepods-pod" UID_IN_SLICE ".slice", UID},
	{"/kubelet.slice/kubelet-kubepods-besteffort-pod" UID_IN_SLICE ".slice/x", UID},
	{"kubepods-besteffort-pod" UID_IN_SLICE ".slice:cri-containerd:" ID, UID},
	{"/kubepods/pod" HASH "/" ID, HASH},
	/* A pod in a pod: the one that the node's manager knows. */
	{"/kubepods/pod" HASH "/kubepods/pod" UID, HASH},
	{"", NULL},
	{"/", NULL},
	{"/kubepods/burstable", NULL},
	{"/pod", NULL},
	{"/kubepods/pod" HASH "0", NULL},
	{"/kubepods/pod0" HASH, NULL},
	{"/kubepods/pod" UID "-", NULL},
	{"/kubepods/tripod" UID, NULL},
	{"/kubepods/" UID, NULL},
	{"/libpod-" ID ".scope", NULL},
	{"/" ID, NULL},
};

START_TEST(test_pod)
{
	char id[CGROUP_POD_LEN] = "untouched";
	int r = cgroup_pod(pods[_i].path, id);

	if (pods[_i].pod) {
		ck_assert_int_eq(r, 0);
		ck_assert_str_eq(id, pods[_i].pod);
	} else {
		ck_assert_int_eq(r, -ENOENT);
	}
}
END_TEST

START_TEST(test_in_container)
{
	static const char path[] =
		"/docker/f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/x/docker-" ID
		".scope/init";

	/* The inner and the outer, whole or cut; but no other part of an id. */
	ck_assert(cgroup_in_container(path, ID));
	ck_assert(cgroup_in_container(path, "0123456789ab"));
	ck_assert(cgroup_in_container(path, "f123456789ab"));
	ck_assert(!cgroup_in_container(path, "123456789abc"));
	ck_assert(!cgroup_in_container("/0123456789ab", "0123456789ab"));
	ck_assert(!cgroup_in_container("", "0123456789ab"));
}
END_TEST

START_TEST(test_names_user)
{
	ck_assert(cgroup_names_user("/user.slice/user-1000.slice"));
	ck_assert(cgroup_names_user("/user.slice/user-1000.slice/session-2.scope"));
	ck_assert(cgroup_names_user("/user@1000.service/app.slice"));
	ck_assert(!cgroup_names_user("/user.slice"));
	ck_assert(!cgroup_names_user("/user-runtime.slice"));
	ck_assert(!cgroup_names_user("/system.slice/superuser-1.service"));
	ck_assert(!cgroup_names_user("/"));
}
END_TEST

/* Where the version 2 hierarchy is, told by the C library. Returns false if there is none. */
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

START_TEST(test_path_of_root)
{
	char path[CGROUP_PATH_MAX];
	char point[256];
	struct stat st;

	if (!find_mount(point)) {
		ck_assert_int_eq(cgroup_path(1, 0, path, sizeof(path)), -ENOENT);
		return;
	}
	ck_assert_int_eq(stat(point, &st), 0);
	ck_assert_int_eq(cgroup_path(st.st_ino, 0, path, sizeof(path)), 0);
	ck_assert_str_eq(path, "/");
	ck_assert_int_eq(cgroup_path(st.st_ino, 0, path, 1), -ENAMETOOLONG);
}
END_TEST

/* Each cgroup at the top must be found by its number alone. */
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
		r = cgroup_path(st.st_ino, 0, path, sizeof(path));
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

START_TEST(test_wrong_process)
{
	char path[CGROUP_PATH_MAX] = "untouched";

	/* The process that is asked is in another cgroup than this number's, which nobody has. */
	ck_assert_int_eq(cgroup_path(UINT64_MAX - 1, (uint32_t)getpid(), path, sizeof(path)),
			 -ENOENT);
	ck_assert_str_eq(path, "untouched");
}
END_TEST

START_TEST(test_holder)
{
	/* Not /tmp: some file systems show another device number there than the lock has. */
	char dir[] = "/dev/shm/hb-holder-XXXXXX";
	char command[HB_COMM_LEN];
	char expected[HB_COMM_LEN];
	char readers[64];
	char slot[64];
	uint32_t pid = 0;
	FILE *file;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(readers, sizeof(readers), "%s/readers", dir);
	snprintf(slot, sizeof(slot), "%s/readers/2", dir);
	ck_assert_int_eq(mkdir(readers, 0700), 0);
	ck_assert_int_eq(mkdir(slot, 0700), 0);
	fd = open(slot, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	file = fopen("/proc/self/comm", "re");
	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(expected, sizeof(expected), file));
	expected[strcspn(expected, "\n")] = '\0';
	fclose(file);

	ck_assert_int_eq(holders_find(dir, 2, &pid, command), -ENOENT);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	ck_assert_int_eq(holders_find(dir, 2, &pid, command), 0);
	ck_assert_uint_eq(pid, (uint32_t)getpid());
	ck_assert_str_eq(command, expected);
	ck_assert_int_eq(holders_find(dir, 3, &pid, command), -ENOENT);
	close(fd);
	ck_assert_int_eq(holders_find(dir, 2, &pid, command), -ENOENT);

	rmdir(slot);
	rmdir(readers);
	rmdir(dir);
}
END_TEST

Suite *cgroup_suite(void)
{
	Suite *suite = suite_create("cgroup");
	TCase *tcase = tcase_create("cgroup");

	tcase_add_loop_test(tcase, test_container, 0,
			    (int)(sizeof(containers) / sizeof(containers[0])));
	tcase_add_loop_test(tcase, test_pod, 0, (int)(sizeof(pods) / sizeof(pods[0])));
	tcase_add_test(tcase, test_in_container);
	tcase_add_test(tcase, test_names_user);
	tcase_add_test(tcase, test_path_of_root);
	tcase_add_test(tcase, test_search);
	tcase_add_test(tcase, test_wrong_process);
	tcase_add_test(tcase, test_holder);
	suite_add_tcase(suite, tcase);
	return suite;
}
