// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Containers, pods and users in the names of control groups: reader/maps/cgroup_names.c */
#include <errno.h>
#include <string.h>

#include <check.h>

#include "reader/maps/cgroup_names.h"
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
		ck_assert_str_eq(id, "");
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
		ck_assert_str_eq(id, "");
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
	/* The name of a leaf will do. */
	ck_assert(cgroup_names_user("user-1000.slice"));
	ck_assert(cgroup_names_user("user@1000.service"));
	ck_assert(!cgroup_names_user("user.slice"));
	ck_assert(!cgroup_names_user(""));
}
END_TEST

Suite *cgroup_names_suite(void)
{
	Suite *suite = suite_create("cgroup_names");
	TCase *tcase = tcase_create("cgroup_names");

	tcase_add_loop_test(tcase, test_container, 0,
			    (int)(sizeof(containers) / sizeof(containers[0])));
	tcase_add_loop_test(tcase, test_pod, 0, (int)(sizeof(pods) / sizeof(pods[0])));
	tcase_add_test(tcase, test_in_container);
	tcase_add_test(tcase, test_names_user);
	suite_add_tcase(suite, tcase);
	return suite;
}
