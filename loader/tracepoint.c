// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "loader/tracepoint.h"

/* Open a tracefs that is mounted nowhere, so that the host does not change (Linux 5.2). */
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

static int find_id(const char *name)
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

int tracepoint_id(const char *name, struct reason *why)
{
	int id = find_id(name);

	if (id > 0)
		return id;
	return reason_set(why, id, "cannot find tracepoint syscalls/%s: %s: %s", name,
			  strerror(-id),
			  id == -EPERM || id == -EACCES
				  ? "mount -t tracefs tracefs /sys/kernel/tracing"
				  : "boot a kernel with CONFIG_FTRACE_SYSCALLS=y");
}

int tracepoint_open(const char *name, struct reason *why)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.sample_period = 1,
		.wakeup_events = 1,
	};
	int id = tracepoint_id(name, why);
	long fd;

	if (id < 0)
		return id;
	attr.config = (unsigned int)id;
	/* A tracepoint's programs run on all processors, whichever is named here. */
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return reason_set_errno(why, -errno, "cannot open tracepoint syscalls/%s", name);
	return (int)fd;
}
