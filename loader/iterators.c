// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/membarrier.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "heartbeat.skel.h"

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pidns.h"
#include "bpf/lib/pins.h"
#include "loader/iterators.h"
#include "loader/pin.h"

/* Of the version 2 hierarchy; it always has a record. */
enum { ROOT_CGROUP_ID = 1 };

/* Attach an iterator and pin its link; @map_fd: the map it goes over, or -1. */
static int pin_iterator(const struct bpf_program *program, int map_fd, const char *dir,
			const char *name)
{
	union bpf_iter_link_info info = {.map.map_fd = (__u32)map_fd};
	LIBBPF_OPTS(bpf_iter_attach_opts, opts);
	struct bpf_link *link;
	int r;

	if (map_fd >= 0) {
		opts.link_info = &info;
		opts.link_info_len = sizeof(info);
	}
	link = bpf_program__attach_iter(program, &opts);
	if (!link)
		return log_errno(-errno, "cannot attach iterator %s", name);
	r = pin_object(bpf_link__fd(link), dir, name);
	bpf_link__destroy(link);
	return r;
}

/* The iterators that readers open. @map_fd: see pin_iterator() */
struct pinned {
	const char *name;
	const struct bpf_program *program;
	int map_fd;
};

enum { PINNED = 4 };

static void list_pinned(const struct heartbeat_bpf *skeleton, struct pinned list[PINNED])
{
	list[0] = (struct pinned){HB_PIN_COLLECT, skeleton->progs.collect, -1};
	list[1] = (struct pinned){HB_PIN_CONSIDERED, skeleton->progs.considered,
				  bpf_map__fd(skeleton->maps.processes)};
	list[2] = (struct pinned){HB_PIN_PEERS, skeleton->progs.peers,
				  bpf_map__fd(skeleton->maps.meta)};
	list[3] = (struct pinned){HB_PIN_BUSY, skeleton->progs.busy, -1};
}

int iterators_pin(const struct heartbeat_bpf *skeleton, const char *dir)
{
	struct pinned list[PINNED];
	int r = 0;

	list_pinned(skeleton, list);
	for (int i = 0; i < PINNED && r == 0; i++)
		r = pin_iterator(list[i].program, list[i].map_fd, dir, list[i].name);
	return r;
}

/*
 * A reader that has the file open goes on with the old program; opening it gives the new one. An
 * earlier version may lack the iterator.
 */
static int update_iterator(const struct pinned *pinned, const char *dir)
{
	_cleanup_close_ int fd = -EBADF;
	struct pin_path path;

	fd = bpf_obj_get(pins_path(&path, dir, pinned->name));
	if (fd < 0 && errno == ENOENT)
		return pin_iterator(pinned->program, pinned->map_fd, dir, pinned->name);
	if (fd < 0 || bpf_link_update(fd, bpf_program__fd(pinned->program), NULL) < 0)
		return log_errno(-errno, "cannot update %s", path.text);
	return 0;
}

int iterators_update(const struct heartbeat_bpf *skeleton, const char *dir)
{
	struct pinned list[PINNED];
	int r = 0;

	list_pinned(skeleton, list);
	for (int i = 0; i < PINNED && r == 0; i++)
		r = update_iterator(&list[i], dir);
	return r;
}

/* Run @program over all that it goes over. Returns 0 or -errno, logged. */
static int run_iterator(const struct bpf_program *program, union bpf_iter_link_info *info,
			const char *what)
{
	LIBBPF_OPTS(bpf_iter_attach_opts, opts);
	_cleanup_close_ int fd = -EBADF;
	struct bpf_link *link;
	ssize_t length;
	char none[16];

	if (info) {
		opts.link_info = info;
		opts.link_info_len = sizeof(*info);
	}
	link = bpf_program__attach_iter(program, &opts);
	if (!link)
		return log_errno(-errno, "cannot attach the pass over all %s", what);
	fd = bpf_iter_create(bpf_link__fd(link));
	bpf_link__destroy(link);
	if (fd < 0)
		return log_errno(-errno, "cannot start the pass over all %s", what);
	do {
		length = read(fd, none, sizeof(none));
	} while (length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR)));
	return length < 0 ? log_errno(-errno, "cannot finish the pass over all %s", what) : 0;
}

void iterators_leave_cgroup_namespace(void)
{
	/* With the host's pid namespace, process 2 is kthreadd, which is in the host's other namespaces. */
	_cleanup_close_ int host = -EBADF;
	struct stat theirs;
	struct stat ours;

	if (!pidns_is_initial())
		return;
	host = open("/proc/2/ns/cgroup", O_RDONLY | O_CLOEXEC);
	if (host < 0 || fstat(host, &theirs) < 0 || stat("/proc/self/ns/cgroup", &ours) < 0 ||
	    theirs.st_ino == ours.st_ino)
		return;
	if (setns(host, CLONE_NEWCGROUP) < 0)
		log_debug("cannot leave the cgroup namespace: %s", strerror(errno));
}

static bool has_root(const struct heartbeat_bpf *skeleton)
{
	const __u64 root = ROOT_CGROUP_ID;
	struct hb_cgroup record;

	return bpf_map_lookup_elem(bpf_map__fd(skeleton->maps.cgroups), &root, &record) == 0;
}

int iterators_record_cgroups(const struct heartbeat_bpf *skeleton)
{
	/* Parents first, from the root: that takes no mounted hierarchy. */
	union bpf_iter_link_info info = {.cgroup.order = BPF_CGROUP_ITER_DESCENDANTS_PRE};
	static bool warned;
	int r;

	r = run_iterator(skeleton->progs.record_cgroups, &info, "control groups");
	if (r == 0 && !warned && !has_root(skeleton)) {
		log_info(
			"answers about workspaces will be unknown: this is a cgroup namespace, where no control groups are seen: run hb-load on the host, or in a container with the host's pid namespace");
		warned = true;
	}
	return r;
}

int iterators_judge_all(const struct heartbeat_bpf *skeleton, bool again)
{
	/* MEMBARRIER_CMD_GLOBAL waits for a grace period: programs that run now have then ended. */
	if (again)
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	return run_iterator(skeleton->progs.judge_all, NULL, "tasks");
}
