// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Containers, pods and users in the names of control groups: reader/maps/cgroup_names.c */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "reader/maps/cgroup_names.h"
#include "tests/unit/suites.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define OUTER "f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TASK  "0123456789abcdef0123456789abcdef"
#define POD   "8f2c0a51-0d0e-4c43-9c1b-0123456789ab"
#define SLICE "8f2c0a51_0d0e_4c43_9c1b_0123456789ab"

/* What creates the group, and what it creates; each with the systemd driver, then with cgroupfs. */
static const struct {
	const char *name;
	const char *id; /* NULL: none */
} containers[] = {
	/* docker: runc's scopePrefix is "docker"; rootless, below the user's manager. */
	{"/system.slice/docker-" ID ".scope", ID},
	{"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" ID ".scope", ID},
	{"/docker/" ID, ID},
	/* A systemd in it has groups of its own. */
	{"/system.slice/docker-" ID ".scope/init.scope", ID},
	{"/docker/" ID "/system.slice/ssh.service", ID},
	/* Docker in docker: the inner one. */
	{"/docker/" OUTER "/docker/" ID, ID},
	{"/system.slice/docker-" OUTER ".scope/docker/buildkit/k1x9z2", OUTER},
	/* BuildKit names what it builds by other numbers. */
	{"/docker/buildkit/k1x9z2c3v4b5n6m7q8w9e0r1t", NULL},
	/* Its daemon, the shims in it, and mounts are none. */
	{"/system.slice/docker.service", NULL},
	{"/system.slice/containerd.service", NULL},
	{"/system.slice/var-lib-docker-containers-" ID "-mounts-shm.mount", NULL},

	/* containerd for Kubernetes: cri-containerd; with the driver misconfigured, with colons. */
	{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" SLICE
	 ".slice/cri-containerd-" ID ".scope",
	 ID},
	{"/kubepods/besteffort/pod" POD "/" ID, ID},
	{"/system.slice/containerd.service/kubepods-burstable-pod" SLICE
	 ".slice:cri-containerd:" ID,
	 ID},
	/* nerdctl: rootful, rootless, and in the namespace of containerd. */
	{"/system.slice/nerdctl-" ID ".scope", ID},
	{"/user.slice/user-1000.slice/user@1000.service/user.slice/nerdctl-" ID ".scope", ID},
	{"/default/" ID, ID},

	/* CRI-O; with crun the processes are in `container`. Its conmon watches from outside. */
	{"/kubepods.slice/kubepods-pod" SLICE ".slice/crio-" ID ".scope", ID},
	{"/kubepods.slice/kubepods-pod" SLICE ".slice/crio-" ID ".scope/container", ID},
	{"/kubepods/pod" POD "/crio-" ID, ID},
	{"/kubepods.slice/kubepods-pod" SLICE ".slice/crio-conmon-" ID ".scope", NULL},
	{"/system.slice/crio-conmon-" ID ".scope", NULL},
	{"/kubepods/pod" POD "/crio-conmon-" ID, NULL},

	/* podman: as root, rootless, in a pod, split by a unit (quadlet); its conmon. */
	{"/machine.slice/libpod-" ID ".scope", ID},
	{"/machine.slice/libpod-" ID ".scope/container", ID},
	{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope/container",
	 ID},
	{"/machine.slice/machine-libpod_pod_" OUTER ".slice/libpod-" ID ".scope", ID},
	{"/system.slice/web.service/libpod-payload-" ID, ID},
	{"/user.slice/user-1000.slice/user@1000.service/app.slice/web.service/libpod-payload-" ID,
	 ID},
	{"/libpod_parent/libpod-" ID, ID},
	{"/libpod_parent/" OUTER "/libpod-" ID, ID},
	{"/machine.slice/libpod-conmon-" ID ".scope", NULL},
	{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-conmon-" ID ".scope",
	 NULL},
	{"/machine.slice/machine-libpod_pod_" OUTER ".slice", NULL},
	{"/system.slice/web.service/supervisor", NULL},
	{"/system.slice/web.service/runtime", NULL},
	{"/libpod_parent/conmon", NULL},
	/* Its health checks run in a unit beside the container. */
	{"/system.slice/" ID ".service", NULL},
	{"/system.slice/" ID "-5f1c2d3e4a5b6c7d.service", NULL},
	/* A podman in a container: its conmon belongs to that container. */
	{"/machine.slice/libpod-" OUTER ".scope/libpod_parent/conmon", OUTER},
	{"/machine.slice/libpod-" OUTER ".scope/libpod-conmon-" ID ".scope", OUTER},
	{"/machine.slice/libpod-" OUTER ".scope/libpod_parent/libpod-" ID, ID},

	/* crun and runc by hand: the name is the user's. */
	{"/user.slice/user-1000.slice/user@1000.service/app.slice/crun-web.scope", NULL},
	{"/system.slice/runc-web.scope", NULL},
	{"/system.slice/crun-" ID ".scope", ID},
	{"/web", NULL},
	/* buildah */
	{"/user.slice/crun-buildah-buildah1234567890.scope", NULL},

	/* Nomad: docker's and podman's drivers have ids, exec and raw_exec name allocation and task. */
	{"/nomad.slice/docker-" ID ".scope", ID},
	{"/nomad.slice/libpod-" ID ".scope/container", ID},
	{"/nomad.slice/share.slice/" POD ".web.scope", NULL},
	{"/nomad.slice/reserve.slice/" POD ".web.scope", NULL},
	{"/nomad/share/" POD ".web", NULL},

	/* ECS: on EC2 docker's below the task's; on Fargate task and container in one. */
	{"/ecs.slice/ecs-" TASK ".slice/docker-" ID ".scope", ID},
	{"/ecstasks.slice/ecstasks-" TASK ".slice/docker-" ID ".scope", ID},
	{"/ecs/" TASK "/" ID, ID},
	{"/ecs/" TASK "/" TASK "-1234567890", TASK "-1234567890"},
	{"/ecs/" TASK "/" TASK "-123456789", TASK "-123456789"},
	{"/ecs/" TASK "/" TASK "-1234567890/init.scope", TASK "-1234567890"},
	{TASK "-1234567890", TASK "-1234567890"},
	{"/ecs/" TASK, NULL},
	{"/ecs/" TASK "/" TASK "-12345678", NULL},
	{"/ecs/" TASK "/" TASK "-12345678901", NULL},
	{"/ecs/" TASK "/" TASK "-123456789a", NULL},
	{"/ecs/" TASK "/" TASK "-", NULL},
	{"/ecs/" TASK "/" TASK "0-1234567890", NULL},
	{"/ecs/" TASK "/x" TASK "-1234567890", NULL},

	/* Those below have names in place of ids: use --cgroup. LXC, LXD, Incus: */
	{"/lxc.payload.web/init.scope", NULL},
	{"/lxc.monitor.web", NULL},
	{"/lxc/web", NULL},
	{"/lxc.payload." ID, NULL},
	/* systemd-nspawn: */
	{"/machine.slice/systemd-nspawn@web.service/payload/init.scope", NULL},
	{"/machine.slice/systemd-nspawn@web.service/supervisor", NULL},
	{"/machine.slice/machine-web.scope/payload", NULL},
	/* libvirt: */
	{"/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator", NULL},
	{"/machine.slice/machine-lxc\\x2d7\\x2dweb.scope", NULL},
	{"/machine/qemu-1-web.libvirt-qemu/vcpu0", NULL},
	/* kubelet makes pods and classes, not containers: */
	{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" SLICE ".slice", NULL},
	{"/kubepods/burstable/pod" POD, NULL},
	{"/system.slice/kubelet.service", NULL},

	/* The name of a leaf will do. */
	{ID, ID},
	{"docker-" ID ".scope", ID},
	{"libpod-conmon-" ID ".scope", NULL},
	{"conmon-" ID, NULL},
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
	/* A monitor is not its container, but in the one around both. */
	ck_assert(!cgroup_in_container("/machine.slice/libpod-conmon-" ID ".scope", ID));
	ck_assert(!cgroup_in_container("crio-conmon-" ID ".scope", "0123456789ab"));
	ck_assert(cgroup_in_container("/docker/" OUTER "/libpod-conmon-" ID ".scope", OUTER));
	/* A task of ECS has several containers. */
	ck_assert(cgroup_in_container("/ecs/" TASK "/" TASK "-1234567890", TASK "-1234567890"));
	ck_assert(cgroup_in_container("/ecs/" TASK "/" TASK "-1234567890", TASK));
	ck_assert(!cgroup_in_container("/ecs/" TASK "/" TASK "-1234567890", TASK "-1234567891"));
}
END_TEST

static const struct {
	const char *text;
	bool valid;
} ids[] = {
	{ID, true},
	{"0123456789ab", true},
	{TASK "-1234567890", true},
	{TASK "-123456789", true},
	{TASK "-", true},
	{TASK, true},
	{"0123456789a", false},
	{ID "0", false},
	{"0123456789AB", false},
	{"0123456789abx", false},
	{TASK "-12345678901", false},
	{TASK "-123456789a", false},
	{TASK "0-1234567890", false},
	{"", false},
	{"-", false},
};

START_TEST(test_is_container_id)
{
	ck_assert(cgroup_is_container_id(ids[_i].text) == ids[_i].valid);
}
END_TEST

static const struct {
	const char *name;
	const char *escaped;
	bool is;
} escapes[] = {
	{"docker.scope", "docker.scope", true},
	/* Of systemd: no escape of ours. */
	{"dev-disk-by\\x2duuid.swap", "dev-disk-by\\x2duuid.swap", true},
	{"bad\xff", "bad%FF", true},
	{"bad\xff", "bad%ff", true},
	{"bad\xff", "bad\xff", true},
	{"bad\xfe", "bad%FF", false},
	{"bad\\xff", "bad\\xff", true},
	{"bad\\xff", "bad%FF", false},
	{"bad%FF", "bad%25FF", true},
	{"bad%FF", "bad%FF", false},
	{"a\x01", "a%01", true},
	{"\xc3\xa4", "\xc3\xa4", true},
	{"\xc3\xa4", "%C3%A4", true},
	{"ab", "a", false},
	{"a", "ab", false},
	{"a", "a%FF", false},
	{"", "", true},
};

START_TEST(test_named)
{
	char longer[64];

	ck_assert(cgroup_is_named(escapes[_i].name, escapes[_i].escaped,
				  strlen(escapes[_i].escaped)) == escapes[_i].is);
	/* Only the first part of a path. */
	snprintf(longer, sizeof(longer), "%s/more", escapes[_i].escaped);
	ck_assert(cgroup_is_named(escapes[_i].name, longer, strlen(escapes[_i].escaped)) ==
		  escapes[_i].is);
}
END_TEST

START_TEST(test_is_escaped)
{
	ck_assert(cgroup_is_escaped("/a/b%25%FF%01/c\xff"));
	ck_assert(cgroup_is_escaped("/"));
	ck_assert(!cgroup_is_escaped("/100%"));
	ck_assert(!cgroup_is_escaped("/a%2"));
	ck_assert(!cgroup_is_escaped("/a%zz"));
	/* What needs no escape has none: a user's name, a slash, a dot cannot hide. */
	ck_assert(!cgroup_is_escaped("/%75ser-1000.slice"));
	ck_assert(!cgroup_is_escaped("/a%2Fb"));
	ck_assert(!cgroup_is_escaped("/a/%2E%2E/b"));
	ck_assert(!cgroup_is_escaped("/a%00"));
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

static const struct {
	const char *path;
	const char *name;
} workspaces[] = {
	{"/", ""},
	{"/user.slice", ""},
	{"/docker-" ID ".scope", "container 0123456789ab"},
	{"/kubepods/burstable/pod" POD "/" ID "/init", "container 0123456789ab of pod " POD},
	{"/kubepods.slice/kubepods-pod" SLICE ".slice", "pod " POD},
	{"/ecs/" TASK "-1234567890", "container " TASK "-1234567890"},
};

START_TEST(test_workspace)
{
	char container[CGROUP_CONTAINER_LEN];
	char name[CGROUP_WORKSPACE_LEN];
	char pod[CGROUP_POD_LEN];

	cgroup_container(workspaces[_i].path, container);
	cgroup_pod(workspaces[_i].path, pod);
	ck_assert_int_eq(cgroup_workspace(container, pod, name),
			 workspaces[_i].name[0] ? 0 : -ENOENT);
	ck_assert_str_eq(name, workspaces[_i].name);
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
	tcase_add_loop_test(tcase, test_is_container_id, 0, (int)(sizeof(ids) / sizeof(ids[0])));
	tcase_add_loop_test(tcase, test_named, 0, (int)(sizeof(escapes) / sizeof(escapes[0])));
	tcase_add_test(tcase, test_is_escaped);
	tcase_add_loop_test(tcase, test_workspace, 0,
			    (int)(sizeof(workspaces) / sizeof(workspaces[0])));
	tcase_add_test(tcase, test_names_user);
	suite_add_tcase(suite, tcase);
	return suite;
}
