// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "bpf/lib/pins.h"
#include "reader/maps/holders.h"

static void read_command(uint32_t pid, char command[HB_COMM_LEN])
{
	char path[sizeof("/proc/4294967295/comm")];
	FILE *file;

	strcpy(command, "?");
	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(command, HB_COMM_LEN, file))
		command[strcspn(command, "\n")] = '\0';
	fclose(file);
}

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

int holders_find(const char *pin_dir, uint32_t slot, uint32_t *pid, char command[HB_COMM_LEN])
{
	char name[sizeof(HB_PIN_READER_FMT) + 10];
	struct pin_path path;
	char line[256];
	bool found = false;
	struct stat st;
	FILE *locks;

	snprintf(name, sizeof(name), HB_PIN_READER_FMT, slot);
	if (stat(pins_path(&path, pin_dir, name), &st) < 0)
		return -ENOENT;
	locks = fopen("/proc/locks", "re");
	if (!locks)
		return -ENOENT;
	while (!found && fgets(line, sizeof(line), locks))
		found = is_lock_on(line, &st, pid);
	fclose(locks);
	if (!found)
		return -ENOENT;
	read_command(*pid, command);
	return 0;
}
