// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* pinned - the commands that change the maps, as faults and full maps would */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>

#include "bpf/heartbeat.h"
#include "tests/kernel/pinned.h"
#include "tests/lib/bpf.h"
#include "tests/lib/program.h"

enum { FILL_FROM = 10000000, FILL_MAX = 1000000 };

void set_abi(const char *argument)
{
	int fd = open_map(HB_PIN_META, true);
	struct hb_meta meta = {0};
	uint32_t zero = 0;

	look_up(fd, &zero, &meta);
	meta.abi = (uint32_t)strtoul(argument, NULL, 10);
	update(fd, &zero, &meta);
}

/* Leave the verdict of a process that has ended, as if the hooks had missed its exit. */
void set_verdict(const char *argument)
{
	uint64_t pid = strtoull(argument, NULL, 10);
	uint8_t verdict = HB_CONSIDERED;

	update(open_map(HB_PIN_CONSIDERED_PIDS, true), &pid, &verdict);
}

/* Leave its record too: PID:COMMAND. */
void set_process(const char *argument)
{
	struct hb_process process = {.beats = 1, .last_beat = 1};
	uint32_t pid = (uint32_t)strtoul(argument, NULL, 10);
	const char *command = strchr(argument, ':');

	snprintf(process.command, sizeof(process.command), "%s", command ? command + 1 : "");
	update(open_map(HB_PIN_PROCESSES, true), &pid, &process);
	set_verdict(argument);
}

/* Take away the record and the verdict of a living process, as if there had been no room. */
void delete_process(const char *argument)
{
	uint64_t id = strtoull(argument, NULL, 10);
	uint32_t pid = (uint32_t)id;

	delete_key(open_map(HB_PIN_PROCESSES, true), &pid);
	delete_key(open_map(HB_PIN_CONSIDERED_PIDS, true), &id);
}

/*
 * Fill a map with pids or control groups that do not exist, since pids are below FILL_FROM, until no
 * real one has room.
 */
void fill(const char *argument)
{
	int fd = open_map(argument, true);
	bool verdicts = strcmp(argument, HB_PIN_CONSIDERED_PIDS) == 0;
	bool cgroups = strcmp(argument, HB_PIN_CGROUPS) == 0;
	struct hb_process process = {.last_beat = 1, .beats = 1, .command = "-"};
	struct hb_cgroup cgroup = {.parent_id = 1, .last_beat = 1, .beats = 1};
	uint8_t verdict = HB_NOT_CONSIDERED;
	uint64_t id;
	uint32_t pid;

	for (id = FILL_FROM; id < FILL_FROM + FILL_MAX; id++) {
		union bpf_attr attr = {.map_fd = (uint32_t)fd};

		pid = (uint32_t)id;
		process.cgroup_id = FILL_FROM + id % HB_CGROUPS_MAX;
		snprintf(cgroup.name, sizeof(cgroup.name), "cri-containerd-%064llx.scope",
			 (unsigned long long)id);
		attr.key = verdicts || cgroups ? (uintptr_t)&id : (uintptr_t)&pid;
		attr.value = verdicts  ? (uintptr_t)&verdict
			     : cgroups ? (uintptr_t)&cgroup
				       : (uintptr_t)&process;
		if (sys_bpf(BPF_MAP_UPDATE_ELEM, &attr) < 0)
			break;
	}
	if (errno != E2BIG)
		die("fill");
	printf("%llu\n", (unsigned long long)(id - FILL_FROM));
}

/* Remove so many of the control groups that fill() made. */
void drop_filled(const char *argument)
{
	uint64_t count = strtoull(argument, NULL, 10);
	int fd = open_map(HB_PIN_CGROUPS, true);

	for (uint64_t id = FILL_FROM; id < FILL_FROM + FILL_MAX && count > 0; id++) {
		union bpf_attr attr = {.map_fd = (uint32_t)fd, .key = (uintptr_t)&id};

		count -= sys_bpf(BPF_MAP_DELETE_ELEM, &attr) == 0;
	}
}
