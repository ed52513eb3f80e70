// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "bpf/lib/log.h"
#include "loader/lock.h"

static const char path[] = "/run/activity-heartbeat.lock";

int lock_take(void)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return log_errno(-errno, "cannot open %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	log_info("waiting for another hb-load to end");
	if (flock(fd, LOCK_EX) == 0)
		return fd;
	r = log_errno(-errno, "cannot lock %s", path);
	close(fd);
	return r;
}
