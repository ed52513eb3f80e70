/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Control groups and tasks of a random history, and what truly happens in them: what the records of
 * the model are compared with. Include this in one file only, as bpf_model.h.
 */
#ifndef HB_TESTS_ACCOUNT_WORLD_H
#define HB_TESTS_ACCOUNT_WORLD_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/bpf_model.h"

enum {
	STEPS = 60, /* in one history */
	GROUPS = 48,
	TASKS = 24,
	ALIVE_MAX = 8,
};

/* A control group, and what truly happened in it and in those below, living or removed. */
struct group {
	struct cgroup cgroup;
	struct kernfs_node node;
	char name[16];
	struct group *parent;
	bool exists;
	uint64_t last_key;
	uint64_t opened; /* start of a watched program at a terminal */
	uint64_t latest; /* key or start of a program, also of processes that came with one */
};

struct task {
	struct task_struct task;
	struct signal_struct signal;
	struct css_set set;
	bool alive;
	struct group *group;
	uint64_t latest;
};

static struct group groups[GROUPS];
static size_t group_count;
static struct task tasks[TASKS];
static size_t task_count;
static struct task manager; /* makes and removes groups, and moves processes */
static int next_pid;
static uint64_t beats;
static uint64_t missed; /* ended unseen: their records are there until a collection */
static uint64_t random_state;
static char history[STEPS * 64];

static struct tty_driver driver = {.major = 136};
static struct tty_struct terminal = {.driver = &driver, .index = 7};
static struct tty_file_private terminal_private = {.tty = &terminal};
static struct inode terminal_inode = {.i_mode = S_IFCHR, .i_rdev = 136U << 20 | 7};
static struct file terminal_file = {.private_data = &terminal_private, .f_inode = &terminal_inode};
static struct file *descriptors[] = {&terminal_file, &terminal_file, &terminal_file};
static struct fdtable terminal_table = {.max_fds = 3, .fd = descriptors};
static struct files_struct with_terminal = {.fdt = &terminal_table};
static struct file *no_descriptors[3];
static struct fdtable empty_table = {.max_fds = 3, .fd = no_descriptors};
static struct files_struct without_terminal = {.fdt = &empty_table};
static struct mm_struct memory = {.task_size = 1UL << 47};
static struct mm_struct small_memory = {.task_size = 1UL << 32};
static const struct cred user = {.uid = {1000}};
static struct pid initial = {.level = 0};
static struct cgroup_root *const version_2 = (struct cgroup_root *)&groups[0];

/* xorshift64*: the same numbers everywhere. */
static uint32_t draw(uint32_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
	size_t length = strlen(history);
	va_list args;

	va_start(args, format);
	vsnprintf(history + length, sizeof(history) - length, format, args);
	va_end(args);
}

static void raise(uint64_t *time, uint64_t to)
{
	if (*time < to)
		*time = to;
}

/* --- What truly happens -------------------------------------------------------------------------- */

static void opens(struct group *group, uint64_t time)
{
	for (; group; group = group->parent)
		raise(&group->opened, time);
}

static void happens(struct group *group, uint64_t key, uint64_t latest)
{
	for (; group; group = group->parent) {
		raise(&group->last_key, key);
		raise(&group->latest, latest);
	}
}

static bool counts(const struct task *task)
{
	char name[HB_COMM_LEN] = {0};

	strcpy(name, task->task.comm);
	return bpf_map_lookup_elem(&programs, name) != NULL;
}

static const struct hb_process *record_of(const struct task *task)
{
	return bpf_map_lookup_elem(&processes, &task->task.tgid);
}

/* Hook tracepoint cannot see the reads of 32-bit programs. */
static bool is_unseen(const struct task *task)
{
	return task->task.mm == &small_memory && hook == HB_METHOD_TRACEPOINT;
}

/* What runs in @task may end or leave now: if nobody saw what it did, that was until now. */
static void may_end(struct task *task)
{
	if (!is_unseen(task))
		return;
	raise(&task->latest, model_now);
	happens(task->group, 0, model_now);
}

static struct group *draw_group(void)
{
	struct group *group;

	do {
		group = &groups[draw((uint32_t)group_count)];
	} while (!group->exists);
	return group;
}

static struct task *draw_task(void)
{
	for (int i = 0; i < 2 * TASKS && task_count > 0; i++) {
		struct task *task = &tasks[draw((uint32_t)task_count)];

		if (task->alive)
			return task;
	}
	return NULL;
}

static bool is_busy(const struct group *group)
{
	for (size_t i = 0; i < task_count; i++) {
		if (tasks[i].alive && tasks[i].group == group)
			return true;
	}
	for (size_t i = 0; i < group_count; i++) {
		if (groups[i].exists && groups[i].parent == group)
			return true;
	}
	return false;
}

static void set_name(struct task *task)
{
	static const char *const names[] = {"vim", "less", "bash", "node"};

	strcpy(task->task.comm, names[draw(4)]);
}

/* --- Groups and tasks ---------------------------------------------------------------------------- */

static struct group *new_group(struct group *parent)
{
	struct group *group = &groups[group_count++];

	memset(group, 0, sizeof(*group));
	snprintf(group->name, sizeof(group->name), "g%zu", group_count);
	group->parent = parent;
	group->exists = true;
	group->node.id = group_count;
	group->node.name = group->name;
	group->cgroup.kn = &group->node;
	group->cgroup.root = version_2;
	group->cgroup.self.flags = CSS_ONLINE;
	group->cgroup.self.cgroup = &group->cgroup;
	group->cgroup.self.parent = parent ? &parent->cgroup.self : NULL;
	return group;
}

static struct task *new_task(struct group *group)
{
	struct task *task = &tasks[task_count++];

	memset(task, 0, sizeof(*task));
	task->alive = true;
	task->group = group;
	task->set.dfl_cgrp = &group->cgroup;
	task->signal.live.counter = 1;
	task->task.pid = task->task.tgid = next_pid++;
	task->task.group_leader = &task->task;
	task->task.thread_pid = &initial;
	task->task.start_boottime = model_now;
	task->task.cred = &user;
	task->task.files = &without_terminal;
	task->task.signal = &task->signal;
	task->task.cgroups = &task->set;
	task->task.mm = &memory;
	return task;
}

static size_t count_alive(void)
{
	size_t count = 0;

	for (size_t i = 0; i < task_count; i++)
		count += tasks[i].alive;
	return count;
}

#endif
