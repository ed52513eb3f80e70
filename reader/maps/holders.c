// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "bpf/lib/flock.h"
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

int holders_find(const char *pin_dir, uint32_t slot, uint32_t *pid, char command[HB_COMM_LEN])
{
	char name[sizeof(HB_PIN_READER_FMT) + 10];
	struct pin_path path;
	struct stat st;
	int r;

	snprintf(name, sizeof(name), HB_PIN_READER_FMT, slot);
	if (stat(pins_path(&path, pin_dir, name), &st) < 0)
		return -ENOENT;
	r = flock_holder(&st, pid);
	if (r == 0)
		read_command(*pid, command);
	return r;
}
