// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "bpf/lib/flock.h"

/* A line of /proc/locks: `1: FLOCK  ADVISORY  WRITE 708 00:13:12345 0 EOF`, or `1: -> FLOCK` */
static bool is_lock_on(const char *line, const struct stat *st, uint32_t *pid)
{
	unsigned int device_major;
	unsigned int device_minor;
	unsigned long long inode;
	char kind[8];
	int holder;

	if (sscanf(line, "%*[^:]: %7s %*s %*s %d %x:%x:%llu", kind, &holder, &device_major,
		   &device_minor, &inode) != 5)
		return false;
	if (strcmp(kind, "FLOCK") != 0 || holder <= 0 || inode != st->st_ino ||
	    device_major != major(st->st_dev) || device_minor != minor(st->st_dev))
		return false;
	*pid = (uint32_t)holder;
	return true;
}

int flock_holder(const struct stat *st, uint32_t *pid)
{
	char line[256];
	bool found = false;
	FILE *locks = fopen("/proc/locks", "re");

	if (!locks)
		return -ENOENT;
	while (!found && fgets(line, sizeof(line), locks))
		found = is_lock_on(line, st, pid);
	fclose(locks);
	return found ? 0 : -ENOENT;
}
