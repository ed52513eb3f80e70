/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The steps of a random history: each changes the world, and runs the BPF programs that the kernel would
 * run. Include this in one file only, as bpf_model.h.
 */
#ifndef HB_TESTS_ACCOUNT_STEPS_H
#define HB_TESTS_ACCOUNT_STEPS_H

#include "tests/unit/account_world.h"

enum { STEP_NS = 1000 };

static void call(int (*program)(struct bpf_raw_tracepoint_args *), const void *first,
		 const void *second, const void *third)
{
	struct {
		struct bpf_raw_tracepoint_args args;
		__u64 values[3];
	} arguments;

	arguments.values[0] = (uintptr_t)first;
	arguments.values[1] = (uintptr_t)second;
	arguments.values[2] = (uintptr_t)third;
	program(&arguments.args);
}

static void step_mkdir(void)
{
	struct group *parent = draw_group();
	struct group *group;

	if (group_count == GROUPS)
		return;
	group = new_group(parent);
	note("mkdir %s/%s, ", parent->name, group->name);
	model_task = &manager.task;
	call(cgroup_made, &group->cgroup, NULL, NULL);
}

static void step_rmdir(void)
{
	struct group *group = draw_group();

	if (!group->parent || is_busy(group))
		return;
	note("rmdir %s, ", group->name);
	model_task = &manager.task;
	call(cgroup_removed, &group->cgroup, NULL, NULL);
	group->cgroup.self.flags = 0;
	group->exists = false;
}

/* By a watched process, or by one that nobody watches; into its own group or another. */
static void step_fork(void)
{
	struct task *parent = draw_task();
	struct task *child;

	if (task_count == TASKS || count_alive() == ALIVE_MAX)
		return;
	child = new_task(parent && draw(4) ? parent->group : draw_group());
	strcpy(child->task.comm, parent ? parent->task.comm : "bash");
	child->task.files = parent ? parent->task.files : &without_terminal;
	if (!parent)
		parent = child;
	else
		child->latest = parent->latest;
	note("fork %d %s in %s, ", child->task.pid, child->task.comm, child->group->name);
	happens(child->group, 0, child->latest);
	model_task = &parent->task;
	call(process_fork, &parent->task, &child->task, NULL);
}

static void step_exec(void)
{
	struct task *task = draw_task();
	bool is_new;

	if (!task)
		return;
	is_new = !record_of(task);
	may_end(task);
	set_name(task);
	task->task.files = draw(3) ? &with_terminal : &without_terminal;
	task->task.mm = draw(6) ? &memory : &small_memory;
	note("exec %d %s%s in %s, ", task->task.pid, task->task.comm,
	     task->task.mm == &memory ? "" : " (32-bit)", task->group->name);
	model_task = &task->task;
	call(process_rename, &task->task, task->task.comm, NULL);
	process_exec(NULL);
	task->latest = model_now;
	/* What a watched program runs has the start of that one. */
	if (is_new && counts(task) && task->task.files == &with_terminal)
		opens(task->group, model_now);
	happens(task->group, 0, model_now);
}

static void step_rename(void)
{
	struct task *task = draw_task();
	char old[16];
	char new[16];

	if (!task)
		return;
	may_end(task);
	strcpy(old, task->task.comm);
	set_name(task);
	strcpy(new, task->task.comm);
	strcpy(task->task.comm, old);
	note("rename %d %s, ", task->task.pid, new);
	model_task = &task->task;
	call(process_rename, &task->task, new, NULL);
	strcpy(task->task.comm, new);
	raise(&task->latest, task->task.start_boottime);
	happens(task->group, 0, task->latest);
}

/* A thread's counter is down before the hook. Now and then a kernel skips the hook. */
static void step_exit(void)
{
	struct task *task = draw_task();
	bool seen = draw(8);

	if (!task)
		return;
	note("%s %d, ", seen ? "exit" : "exit unseen", task->task.pid);
	may_end(task);
	task->signal.live.counter = 0;
	task->alive = false;
	model_task = &task->task;
	if (seen)
		process_exit(NULL);
	missed += !seen;
}

static void step_move(void)
{
	struct task *task = draw_task();
	struct group *group = draw_group();

	if (!task)
		return;
	note("move %d to %s, ", task->task.pid, group->name);
	may_end(task);
	task->group = group;
	task->set.dfl_cgrp = &group->cgroup;
	happens(group, 0, task->latest);
	model_task = &manager.task;
	call(cgroup_entered, &group->cgroup, NULL, &task->task);
}

/* By one hook or the other: both see the same. */
static void read_terminal(struct task *task, uint32_t descriptor, long result)
{
	struct pt_regs registers = {.orig_ax = NR_READ, .di = descriptor};
	struct kiocb iocb = {.ki_filp = &terminal_file};
	struct read_exit_args args = {.result = result};

	model_task = &task->task;
	model_registers = &registers;
	if (hook == HB_METHOD_FENTRY)
		fexit_tty_read(&iocb, NULL, result);
	else
		read_exit(&args);
	model_registers = NULL;
}

static void step_key(void)
{
	struct task *task = draw_task();
	uint32_t descriptor = draw(2);

	/* What cannot be seen is in doubt only if it has a record, and was started at a terminal. */
	if (!task || (is_unseen(task) && (!record_of(task) || record_of(task)->opened_at == 0)))
		return;
	task->task.files = &with_terminal;
	note("key %d %s in %s, ", task->task.pid, task->task.comm, task->group->name);
	if (!is_unseen(task))
		read_terminal(task, descriptor, 1);
	if (!counts(task) && !any_program)
		return;
	if (!is_unseen(task) && (rule != HB_RULE_STDIN || descriptor == 0))
		beats++;
	task->latest = model_now;
	happens(task->group, model_now, model_now);
}

/* Nothing was typed: no activity, and a beat by some rules. */
static void step_read(void)
{
	struct task *task = draw_task();
	bool interrupted = draw(2);

	if (!task || is_unseen(task))
		return;
	task->task.files = &with_terminal;
	note("read %d %s, ", task->task.pid, task->task.comm);
	read_terminal(task, 0, interrupted ? -512 : 0);
	if (!interrupted && rule != HB_RULE_KEYS && counts(task))
		beats++;
	/* It may get its record only now. */
	raise(&task->latest, task->task.start_boottime);
	happens(task->group, 0, task->latest);
}

static void walk(int (*program)(struct bpf_iter__task *))
{
	static uint64_t session;
	struct bpf_iter_meta meta = {.session_id = ++session};
	struct bpf_iter__task context = {.meta = &meta};

	model_task = &manager.task;
	for (size_t i = 0; i < task_count; i++) {
		may_end(&tasks[i]);
		if (!tasks[i].alive)
			continue;
		raise(&tasks[i].latest, tasks[i].task.start_boottime);
		happens(tasks[i].group, 0, tasks[i].latest);
		context.task = &tasks[i].task;
		program(&context);
		meta.seq_num++;
	}
	/* The end of the walk, which has met all tasks. */
	context.task = NULL;
	program(&context);
}

static void step_collect(void)
{
	/* hb-read itself is a task, the first of the walk. */
	if (count_alive() == 0)
		return;
	note("collect, ");
	walk(collect);
	missed = 0;
}

/* Nothing changes but what the passes over all groups and tasks repair. Parents are made first. */
static void load_again(void)
{
	struct bpf_iter__cgroup context = {0};

	note("load, ");
	for (size_t i = 0; i < group_count; i++) {
		context.cgroup = &groups[i].cgroup;
		if (groups[i].exists)
			record_cgroups(&context);
	}
	context.cgroup = NULL;
	record_cgroups(&context);
	walk(judge_all);
}

static void step(void)
{
	switch (draw(20)) {
	case 0:
	case 1:
	case 2:
		step_mkdir();
		break;
	case 3:
	case 4:
		step_rmdir();
		break;
	case 5:
	case 6:
		step_fork();
		break;
	case 7:
	case 8:
		step_exec();
		break;
	case 9:
		step_rename();
		break;
	case 10:
	case 11:
		step_exit();
		break;
	case 12:
	case 13:
		step_move();
		break;
	case 14:
		step_read();
		break;
	case 15:
		if (draw(2))
			step_collect();
		else
			load_again();
		break;
	default:
		step_key();
	}
}

static void start_history(void)
{
	static const struct hb_program none;
	static const char listed[][HB_COMM_LEN] = {"vim", "less", HB_ANY_PROGRAM};
	bool any = draw(4) == 0;

	history[0] = '\0';
	note("%s, rule %u%s: ", hook == HB_METHOD_FENTRY ? "fentry" : "tracepoint", rule,
	     any ? ", *" : "");
	group_count = task_count = 0;
	beats = missed = 0;
	model_load(any ? HB_RULE_KEYS : draw(3), any, 1 + draw(4), 2 + draw(8));
	for (int i = 0; i < (any ? 3 : 2); i++)
		bpf_map_update_elem(&programs, listed[i], &none, BPF_ANY);
	model_now += STEP_NS;
	manager.set.dfl_cgrp = &new_group(NULL)->cgroup;
	manager.task.cgroups = &manager.set;
	load_again();
	first_load = false;
}

#endif
