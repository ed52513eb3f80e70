// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/flock.h"
#include "bpf/lib/log.h"
#include "loader/bpffs.h"
#include "loader/lock.h"

static const char dir[] = "/run";
static const char path[] = "/run/activity-heartbeat.lock";

/* Say why the lock cannot be opened: @err is -errno. */
static int explain(int err, struct reason *why)
{
	int r = err == -EROFS ? bpffs_check_writable(dir, why) : 0;

	if (r < 0)
		return r;
	if (err == -ENOENT)
		return reason_set(why, -EIO, "%s is missing, for the lock: mkdir -m 0755 %s", dir,
				  dir);
	if (err == -ELOOP || err == -EISDIR)
		return reason_set(why, -EIO, "%s is in the way: it is not a file: remove it", path);
	return reason_set_errno(why, err, "cannot open %s", path);
}

int lock_check(struct reason *why)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		return 0;
	if (errno != ENOENT)
		return explain(-errno, why);
	return access(dir, W_OK) == 0 ? 0 : explain(-errno, why);
}

/* There is one lock for all pin directories. */
static void log_holder(int fd)
{
	struct stat st;
	uint32_t pid;

	if (fstat(fd, &st) == 0 && flock_holder(&st, &pid) == 0)
		log_info("waiting for hb-load (pid %u) to finish", pid);
	else
		log_info("waiting for another hb-load to finish");
}

int lock_take(void)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return explain(-errno, NULL);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	log_holder(fd);
	if (flock(fd, LOCK_EX) == 0)
		return fd;
	r = log_errno(-errno, "cannot lock %s", path);
	close(fd);
	return r;
}
