// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random lives of processes and control groups: the rules of bpf/, and the answers that the reader
 * gives from the records that they write. See tests/unit/bpf_model.h.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "reader/activity/activity.h"
#include "reader/maps/cgroup_tree.h"
#include "tests/unit/bpf_model.h"
#include "tests/unit/suites.h"

enum {
	BATCHES = 20,
	HISTORIES = 500, /* in a batch */
	STEPS = 60,
	GROUPS = 48, /* in one history */
	TASKS = 24,
	ALIVE_MAX = 8,
	STEP_NS = 1000,
	CHANGED_AT = 1,
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

/* --- The steps of a history ---------------------------------------------------------------------- */

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

/* --- What the reader says ------------------------------------------------------------------------ */

static void read_map(const struct model_map *map, int (*add)(void *, const void *, const void *),
		     struct snapshot *snapshot)
{
	for (size_t i = 0; i < MODEL_ENTRIES; i++) {
		if (map->entries[i].used)
			ck_assert_int_eq(add(snapshot, map->entries[i].key, map->entries[i].value),
					 0);
	}
}

static void take(struct snapshot *snapshot)
{
	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->exact = snapshot->complete = true;
	snapshot->taken_at = model_now;
	snapshot->meta.rule = rule;
	snapshot->meta.hook = hook;
	snapshot->meta.changed_at = CHANGED_AT;
	for (uint32_t i = 0; i < HB_STATS; i++)
		snapshot->stats[i] = *(uint64_t *)bpf_map_lookup_elem(&stats, &i);
	read_map(&processes, snapshot_add_process, snapshot);
	read_map(&cgroups, snapshot_add_cgroup, snapshot);
	read_map(&programs, snapshot_add_program, snapshot);
	ck_assert_int_eq(snapshot_sum(snapshot), 0);
}

/* Not earlier than the last key there; nor later than anything that happened there. */
static void check_group(const struct snapshot *snapshot, const struct group *group)
{
	struct activity_query query = {.by = ACTIVITY_CGROUP};
	const struct snapshot_cgroup *record = snapshot_find_cgroup(snapshot, group->node.id);
	struct activity_answer answer;
	char path[CGROUP_PATH_MAX];
	uint64_t bound;

	if (!record)
		return;
	ck_assert_msg(group->exists, "%s is gone, its record is not: %s", group->name, history);
	ck_assert_msg(cgroup_tree_path(snapshot, record->id, path) == 0, "%s has no path: %s",
		      group->name, history);
	query.name = path;
	ck_assert_int_eq(activity_find(snapshot, &query, &answer), 0);
	ck_assert_msg(answer.activity.since >= group->last_key ||
			      answer.doubt_until >= group->last_key,
		      "%s idle since %" PRIu64 ", but a key at %" PRIu64 ": %s", path,
		      answer.activity.since / STEP_NS, group->last_key / STEP_NS, history);
	ck_assert_msg(answer.activity.since >= group->opened || answer.doubt_until >= group->opened,
		      "%s idle since %" PRIu64 ", but a program started at %" PRIu64 ": %s", path,
		      answer.activity.since / STEP_NS, group->opened / STEP_NS, history);
	bound = CHANGED_AT;
	raise(&bound, record->record.birth);
	raise(&bound, group->latest);
	/* What could not be placed is the root's. */
	ck_assert_msg(answer.activity.since <= bound,
		      "%s active at %" PRIu64 ", but the last was at %" PRIu64 ": %s", path,
		      answer.activity.since / STEP_NS, bound / STEP_NS, history);
}

/* Each beat is in one group and one program. */
static void check_counts(const struct snapshot *snapshot)
{
	uint64_t by_program = 0;
	uint64_t by_group = 0;

	for (size_t i = 0; i < snapshot->cgroup_count; i++)
		by_group += snapshot->cgroups[i].record.beats;
	for (size_t i = 0; i < snapshot->program_count; i++)
		by_program += snapshot->programs[i].beats;
	ck_assert_msg(by_program == beats, "%" PRIu64 " beats by program, %" PRIu64 " in all: %s",
		      by_program, beats, history);
	/* A group may be gone before the end of a process in it is seen. */
	ck_assert_msg(by_group == beats || missed > 0,
		      "%" PRIu64 " beats by group, %" PRIu64 " in all: %s", by_group, beats,
		      history);
}

static void check_all(void)
{
	struct snapshot snapshot;

	take(&snapshot);
	for (size_t i = 0; i < group_count; i++)
		check_group(&snapshot, &groups[i]);
	check_counts(&snapshot);
	snapshot_release(&snapshot);
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

/* Fewer where each takes longer: with sanitizers, and under valgrind. */
static int count_histories(void)
{
	const char *slower = getenv("CK_TIMEOUT_MULTIPLIER");

	return slower && atoi(slower) > 1 ? HISTORIES / 5 / atoi(slower) : HISTORIES;
}

START_TEST(test_histories)
{
	int count = count_histories();

	random_state = 0x9e3779b97f4a7c15ULL * ((uint64_t)_i + 1);
	next_pid = 100;
	model_now = 1000000;
	terminal_private.file = &terminal_file;
	for (int i = 0; i < count; i++) {
		hook = i % 2 ? HB_METHOD_FENTRY : HB_METHOD_TRACEPOINT;
		start_history();
		for (int at = 0; at < STEPS; at++) {
			model_now += STEP_NS;
			note("%" PRIu64 " ", model_now / STEP_NS);
			step();
			if (at % 8 == 7)
				check_all();
		}
		check_all();
	}
}
END_TEST

/* hb-load makes two passes over all groups: they count the groups of ordinary users once. */
START_TEST(test_groups_of_users)
{
	struct kernfs_iattrs owner = {.ia_uid = {1000}};
	struct group *group;

	group_count = task_count = 0;
	model_load(HB_RULE_ANY, false, 4, 8);
	model_now = 1000000;
	group = new_group(new_group(NULL));
	group->node.iattr = &owner;
	manager.set.dfl_cgrp = &groups[0].cgroup;
	manager.task.cgroups = &manager.set;
	load_again();
	load_again();
	ck_assert_uint_eq(cgroups_of_users, 1);
	model_task = &manager.task;
	call(cgroup_removed, &group->cgroup, NULL, NULL);
	ck_assert_uint_eq(cgroups_of_users, 0);
}
END_TEST

Suite *account_suite(void)
{
	Suite *suite = suite_create("account");
	TCase *tcase = tcase_create("account");

	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, test_histories, 0, BATCHES);
	tcase_add_test(tcase, test_groups_of_users);
	suite_add_tcase(suite, tcase);
	return suite;
}
