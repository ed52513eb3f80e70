// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "bpf/lib/pins.h"
#include "reader/lines/holders.h"

/* The kernel's fixed inode number of the initial pid namespace: PROC_PID_INIT_INO. */
static const char initial_pid_namespace[] = "pid:[4026531836]";

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

bool holders_all_visible(void)
{
	char namespace[64];
	ssize_t length;

	/* /proc/locks omits the locks that processes of other pid namespaces hold. */
	length = readlink("/proc/self/ns/pid", namespace, sizeof(namespace) - 1);
	if (length < 0)
		return false;
	namespace[length] = '\0';
	return strcmp(namespace, initial_pid_namespace) == 0 && access("/proc/locks", R_OK) == 0;
}
