// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "heartbeat.skel.h"
#include "stubs.skel.h"

#include "../bpf/heartbeat.h"
#include "../bpf/lib/cleanup.h"
#include "../bpf/lib/log.h"
#include "../bpf/lib/parse.h"
#include "../bpf/lib/pins.h"
#include "../bpf/stubs.bpf.h"
#include "hooks.h"

/* Pins of the arrays; those of the links are in `stubs`. */
static const char tracepoints_pin[] = "tracepoints";
static const char raw_tracepoints_pin[] = "raw_tracepoints";

struct hooks {
	char dir[PINS_PATH_MAX];
	struct stubs_bpf *skeleton;
};

/* The stubs: pin of the link, program, place in its array, and which rules need it. */
static const struct stub {
	const char *pin;
	const char *tracepoint; /* of category syscalls; NULL: a raw one, named by the program */
	uint32_t key;
	uint32_t rules; /* bit mask of enum hb_rule */
} stubs[] = {
	{"read_enter", "sys_enter_read", STUB_READ_ENTER, 1 << HB_RULE_STDIN | 1 << HB_RULE_ANY},
	{"read_exit", "sys_exit_read", STUB_READ_EXIT, 1 << HB_RULE_KEYS},
	{"exec", NULL, STUB_EXEC, ~0U},
	{"exit", NULL, STUB_EXIT, ~0U},
	{"cgroup_rmdir", NULL, STUB_CGROUP_RMDIR, ~0U},
};

enum { STUBS = sizeof(stubs) / sizeof(stubs[0]) };

const char *hooks_pin_name(unsigned int index)
{
	static const char *const arrays[] = {tracepoints_pin, raw_tracepoints_pin, HOOKS_RINGS_PIN};

	if (index < STUBS)
		return stubs[index].pin;
	index -= STUBS;
	return index < sizeof(arrays) / sizeof(arrays[0]) ? arrays[index] : NULL;
}

static struct bpf_program *stub_program(const struct stubs_bpf *skeleton, const struct stub *stub)
{
	char name[32];

	snprintf(name, sizeof(name), "stub_%s", stub->pin);
	return bpf_object__find_program_by_name(skeleton->obj, name);
}

/* A descriptor of a tracefs that is mounted nowhere: nothing of the host's changes (Linux 5.2). */
static int open_tracefs(void)
{
	_cleanup_close_ int fs = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
	int mount;

	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	mount = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	return mount < 0 ? -errno : mount;
}

static int read_id(int dir, const char *name)
{
	_cleanup_close_ int fd = -EBADF;
	char path[128];
	char text[16];
	ssize_t length;
	uint64_t id;

	snprintf(path, sizeof(path), "events/syscalls/%s/id", name);
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	length = read(fd, text, sizeof(text) - 1);
	if (length <= 0)
		return -EIO;
	text[length] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return parse_u64(text, 1, INT32_MAX, &id) < 0 ? -EIO : (int)id;
}

int hooks_tracepoint_id(const char *name)
{
	static const char *const mounts[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	_cleanup_close_ int tracefs = -EBADF;
	int id;

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		_cleanup_close_ int dir = open(mounts[i], O_PATH | O_DIRECTORY | O_CLOEXEC);

		id = dir < 0 ? -errno : read_id(dir, name);
		if (id > 0)
			return id;
	}
	tracefs = open_tracefs();
	return tracefs < 0 ? tracefs : read_id(tracefs, name);
}

/* perf_event_open(2): a tracepoint's programs run on all processors, whatever the one named. */
static int open_tracepoint(const char *name)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.sample_period = 1,
		.wakeup_events = 1,
	};
	int id = hooks_tracepoint_id(name);
	long fd;

	if (id < 0)
		return log_errno(id, "tracepoint syscalls/%s", name);
	attr.config = (unsigned int)id;
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? log_errno(-errno, "opening tracepoint syscalls/%s", name) : (int)fd;
}

static int attach(struct hooks *hooks, const struct stub *stub, const char *path)
{
	struct bpf_program *program = stub_program(hooks->skeleton, stub);
	struct bpf_link *link;
	int event = -EBADF;
	int r;

	if (stub->tracepoint) {
		event = open_tracepoint(stub->tracepoint);
		if (event < 0)
			return event;
		link = bpf_program__attach_perf_event(program, event);
	} else {
		link = bpf_program__attach(program);
	}
	if (!link) {
		r = log_errno(-errno, "attaching hook %s", stub->pin);
		close_fd(event);
		return r;
	}
	r = bpf_link__pin(link, path);
	if (r < 0)
		log_errno(r, "pinning %s", path);
	else
		bpf_link__disconnect(link); /* destroying would disable the event */
	bpf_link__destroy(link);
	return r;
}

int hooks_attach(struct hooks *hooks, uint32_t rule)
{
	char path[PINS_PATH_MAX];
	int r;

	for (unsigned int i = 0; i < STUBS; i++) {
		if (!(stubs[i].rules & 1U << rule))
			continue;
		r = pins_path(path, hooks->dir, stubs[i].pin);
		if (r < 0)
			return log_errno(r, "%s", hooks->dir);
		if (access(path, F_OK) == 0)
			continue;
		r = attach(hooks, &stubs[i], path);
		if (r < 0)
			return r;
		log_debug("attached %s", path);
	}
	return 0;
}

void hooks_detach_unused(struct hooks *hooks, uint32_t rule)
{
	char path[PINS_PATH_MAX];

	for (unsigned int i = 0; i < STUBS; i++) {
		if (stubs[i].rules & 1U << rule || pins_path(path, hooks->dir, stubs[i].pin) < 0)
			continue;
		if (unlink(path) == 0)
			log_debug("detached %s", path);
	}
}

static int set(struct bpf_map *array, uint32_t key, const struct bpf_program *program)
{
	int fd = bpf_program__fd(program);

	if (bpf_map_update_elem(bpf_map__fd(array), &key, &fd, BPF_ANY) < 0)
		return log_errno(-errno, "switching to program %s", bpf_program__name(program));
	return 0;
}

int hooks_switch(struct hooks *hooks, struct heartbeat_bpf *skeleton)
{
	struct bpf_map *tracepoints = hooks->skeleton->maps.tracepoints;
	struct bpf_map *raw = hooks->skeleton->maps.raw_tracepoints;
	int r;

	r = set(raw, STUB_EXEC, skeleton->progs.process_exec);
	if (r == 0)
		r = set(raw, STUB_EXIT, skeleton->progs.process_exit);
	if (r == 0)
		r = set(raw, STUB_CGROUP_RMDIR, skeleton->progs.cgroup_removed);
	if (r == 0)
		r = set(tracepoints, STUB_READ_EXIT, skeleton->progs.read_exit);
	if (r == 0)
		r = set(tracepoints, STUB_READ_ENTER, skeleton->progs.read_enter);
	return r;
}

static int use_pinned(const char *dir, const char *pin, struct bpf_map *map)
{
	char path[PINS_PATH_MAX];
	int fd;
	int r;

	r = pins_path(path, dir, pin);
	if (r < 0)
		return log_errno(r, "%s", dir);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return log_errno(-errno, "%s: run hb-load unload first", path);
	r = bpf_map__reuse_fd(map, fd);
	close(fd);
	return r < 0 ? log_errno(r, "%s: run hb-load unload first", path) : 0;
}

static int pin_array(const char *dir, const char *pin, struct bpf_map *map)
{
	char path[PINS_PATH_MAX];
	int r;

	r = pins_path(path, dir, pin);
	if (r == 0 && bpf_obj_pin(bpf_map__fd(map), path) < 0)
		r = -errno;
	return r < 0 ? log_errno(r, "pinning %s/%s", dir, pin) : 0;
}

int hooks_open(const char *dir, bool fresh, struct hooks **result)
{
	struct stubs_bpf *skeleton;
	struct hooks *hooks;
	int r = 0;

	hooks = calloc(1, sizeof(*hooks));
	if (!hooks)
		return log_errno(-ENOMEM, "hooks");
	snprintf(hooks->dir, sizeof(hooks->dir), "%s", dir);
	skeleton = stubs_bpf__open();
	hooks->skeleton = skeleton;
	if (!skeleton) {
		r = log_errno(-errno, "opening the stubs");
		goto fail;
	}
	if (!fresh) {
		r = use_pinned(dir, tracepoints_pin, skeleton->maps.tracepoints);
		if (r == 0)
			r = use_pinned(dir, raw_tracepoints_pin, skeleton->maps.raw_tracepoints);
		if (r < 0)
			goto fail;
	}
	r = stubs_bpf__load(skeleton);
	if (r < 0) {
		log_errno(r, "loading the stubs");
		goto fail;
	}
	if (fresh) {
		r = pin_array(dir, tracepoints_pin, skeleton->maps.tracepoints);
		if (r == 0)
			r = pin_array(dir, raw_tracepoints_pin, skeleton->maps.raw_tracepoints);
		if (r < 0)
			goto fail;
	}
	*result = hooks;
	return 0;
fail:
	hooks_close(hooks);
	return r;
}

void hooks_close(struct hooks *hooks)
{
	if (!hooks)
		return;
	stubs_bpf__destroy(hooks->skeleton);
	free(hooks);
}
