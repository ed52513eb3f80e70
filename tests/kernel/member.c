// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * member - do what a member of the group can do to disturb readers
 *
 *	member PIN_DIR freeze NAME		nobody can map the pinned map NAME for writing any more
 *	member PIN_DIR position SLOT NUMBER	move the position up to which the ring of SLOT was read
 *	member PIN_DIR close			close all slots
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "tests/lib/bpf.h"
#include "tests/lib/program.h"

static int open_pin(const char *dir, const char *name)
{
	char path[512];
	union bpf_attr attr = {.pathname = (uintptr_t)path};
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = (int)sys_bpf(BPF_OBJ_GET, &attr);
	if (fd < 0)
		die(path);
	return fd;
}

/* Write @value to the first word of the map. */
static void write_word(const char *dir, const char *name, uint64_t value)
{
	uint64_t *word = mmap(NULL, sizeof(*word), PROT_READ | PROT_WRITE, MAP_SHARED,
			      open_pin(dir, name), 0);

	if (word == MAP_FAILED)
		die(name);
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

int main(int argc, char *argv[])
{
	const char *command = argc > 2 ? argv[2] : "";
	char name[64];

	if (argc == 4 && strcmp(command, "freeze") == 0) {
		union bpf_attr attr = {.map_fd = (uint32_t)open_pin(argv[1], argv[3])};

		if (sys_bpf(BPF_MAP_FREEZE, &attr) < 0)
			die("freeze");
	} else if (argc == 5 && strcmp(command, "position") == 0) {
		snprintf(name, sizeof(name), HB_PIN_EVENTS_FMT, (unsigned int)number(argv[3]));
		write_word(argv[1], name, number(argv[4]));
	} else if (argc == 3 && strcmp(command, "close") == 0) {
		write_word(argv[1], HB_PIN_OPEN, 0);
	} else {
		fprintf(stderr,
			"usage: member PIN_DIR freeze NAME | position SLOT NUMBER | close\n");
		return EXIT_USAGE;
	}
	return 0;
}
