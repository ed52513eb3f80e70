/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Defines the iterators: programs that run while a process reads a file.
 *
 *	iter/task (judge_all)		read by hb-load: judge the processes that run already
 *	iter/cgroup (record_cgroups)	read by hb-load: record the cgroups that are there already
 *	iter/task (collect)		pinned: delete verdicts 0 and the records of dead processes, and
 *					repair the records of the living
 *	iter/bpf_map_elem (considered)	pinned: print the considered processes as a table
 *
 * peers.bpf.h has one more.
 */
#ifndef HB_ITERATORS_BPF_H
#define HB_ITERATORS_BPF_H

#include "bpf/account.bpf.h"
#include "bpf/judge.bpf.h"
#include "bpf/lib/units.h"
#include "bpf/maps.bpf.h"
#include "bpf/negative_cache.bpf.h"

static __always_inline bool is_dead(struct task_struct *task)
{
	return BPF_CORE_READ(task, signal, live.counter) <= 0;
}

/*
 * Record a process with a listed name that runs already.
 *
 * It may exec or exit after this has looked at it and before its record is written. Both change the
 * task before their hooks change the maps, so look at the task again afterwards.
 */
static __always_inline void consider_running(struct task_struct *task, const char *command)
{
	char now[HB_COMM_LEN];

	consider(task, command, opened_at(task, BPF_CORE_READ(task, start_boottime)));
	command_of(task, now);
	if (is_dead(task) || !is_watched(task, now))
		unconsider((u32)task->tgid);
}

/* Correct the cgroup of a watched process, or its account, if its cgroup has a record only now. */
static __always_inline void follow(struct task_struct *task)
{
	if (!(task->flags & PF_EXITING))
		move_process((u32)task->tgid, BPF_CORE_READ(task, cgroups, dfl_cgrp));
}

/* Judge every process, after the first load and after a change of the list. A verdict that still
 * holds stays.
 */
SEC("iter/task")
int judge_all(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct hb_process *process;
	char command[HB_COMM_LEN];
	u32 pid;

	if (!task)
		negative_clear_all();
	if (!task || task->pid != task->tgid || task->flags & PF_KTHREAD || is_dead(task))
		return 0;
	pid = (u32)task->tgid;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (process) {
		if (any_program || is_listed(process->command)) {
			follow(task);
			return 0;
		}
		unconsider(pid);
	}
	command_of(task, command);
	if (is_watched(task, command))
		consider_running(task, command);
	return 0;
}

/*
 * Record a cgroup that was made before this load, or that found no room until now.
 *
 * hb-load reads this, parents first. The kernel holds cgroup_mutex meanwhile and skips dying cgroups
 * (kernel/bpf/cgroup_iter.c), so with the hooks attached nothing is missed or made up.
 */
SEC("iter/cgroup")
int record_cgroups(struct bpf_iter__cgroup *ctx)
{
	struct cgroup *cgroup = ctx->cgroup;
	struct hb_cgroup *record;
	u64 id;

	if (!cgroup)
		return 0;
	id = BPF_CORE_READ(cgroup, kn, id);
	/* The root comes first. Count from there: hb-load makes more than one pass. */
	if (id == ROOT_CGROUP_ID)
		cgroups_of_users = 0;
	record = bpf_map_lookup_elem(&cgroups, &id);
	/* At a later load, nobody knows since when it has been there: idle time counts from now. */
	if (!record)
		add_cgroup(cgroup, first_load ? 0 : bpf_ktime_get_boot_ns());
	else if (record->uid)
		__sync_fetch_and_add(&cgroups_of_users, 1);
	return 0;
}

/* A walk of `collect` over all tasks, from the first read of the file to its end. */
struct walk {
	u64 session; /* the kernel's number for the open file */
	u64 start;   /* boot time, ns */
	bool whole;  /* over the initial pid namespace: a process that it has not met is dead */
};

/* Several readers may collect at once. A walk that loses its element to another deletes less. */
#define WALKS 64
static struct walk walks[WALKS];

/*
 * Delete a verdict, but put it back if the process got a record between the check and the delete:
 * an exec writes `processes` first.
 */
static __always_inline void drop_verdict(u64 key)
{
	u32 pid = (u32)key;
	u8 verdict = HB_CONSIDERED;

	if ((int)bpf_map_delete_elem(&considered_pids, &key) < 0)
		return;
	if (bpf_map_lookup_elem(&processes, &pid))
		bpf_map_update_elem(&considered_pids, &key, &verdict, BPF_NOEXIST);
	else
		stat_count(HB_STAT_COLLECTED);
}

static long sweep_verdict(struct bpf_map *map, u64 *key, u8 *verdict, void *unused)
{
	u32 pid = (u32)*key;

	/* A verdict 1 without a record: the record did not fit, or the process is gone. */
	if (*verdict == HB_NOT_CONSIDERED || !bpf_map_lookup_elem(&processes, &pid))
		drop_verdict(*key);
	return 0;
}

/* After the verdicts 0 are gone there is room: a map that was full hides nobody for longer. */
static long show_process(struct bpf_map *map, u32 *pid, struct hb_process *process, void *unused)
{
	u8 verdict = HB_CONSIDERED;
	u64 key = *pid;

	map_update(&considered_pids, &key, &verdict, BPF_NOEXIST);
	/* Its end may have come in between: that drops the record first. */
	if (!bpf_map_lookup_elem(&processes, pid))
		bpf_map_delete_elem(&considered_pids, &key);
	return 0;
}

static long sweep_process(struct bpf_map *map, u32 *pid, struct hb_process *process, u64 *start)
{
	u64 key = *pid;

	if (process->seen < *start && forget_process(*pid)) {
		bpf_map_delete_elem(&considered_pids, &key);
		stat_count(HB_STAT_COLLECTED);
	}
	return 0;
}

/*
 * See that a living, watched process has a record, and that the record is true: a record may have
 * found no room, and a kernel that preempts BPF programs may have skipped a hook.
 */
static __always_inline void repair(struct task_struct *task)
{
	u32 pid = (u32)task->tgid;
	struct hb_process *process = bpf_map_lookup_elem(&processes, &pid);
	char command[HB_COMM_LEN] __attribute__((aligned(8)));

	record_refused(BPF_CORE_READ(task, cgroups, dfl_cgrp));
	command_of(task, command);
	if (!process) {
		if (is_watched(task, command))
			consider_running(task, command);
		return;
	}
	process->seen = bpf_ktime_get_boot_ns();
	if (is_same(process->command, command)) {
		process->flags &= ~HB_PROCESS_STALE;
	} else if (!(process->flags & HB_PROCESS_STALE)) {
		/* The hook on renames comes before the name is written: look again at the next walk. */
		process->flags |= HB_PROCESS_STALE;
	} else {
		rename_process(task, pid, command);
		return;
	}
	follow(task);
}

/*
 * Collect: delete the verdicts 0 and the records of dead processes, and repair the others.
 *
 * The exit hook drops processes when they end, but a kernel that preempts BPF programs may skip it.
 * So each walk marks the living processes and, at its end, drops the unmarked ones. A reader in
 * another pid namespace walks over that namespace only. So drop records only if the walk began with
 * a task of the initial namespace (level 0): such a walk meets all processes.
 */
SEC("iter/task")
int collect(struct bpf_iter__task *ctx)
{
	struct walk *walk = &walks[ctx->meta->session_id % WALKS];
	struct task_struct *task = ctx->task;
	u64 unrecorded;
	u64 start;

	if (ctx->meta->seq_num == 0) {
		walk->start = bpf_ktime_get_boot_ns();
		walk->session = ctx->meta->session_id;
		walk->whole = task && BPF_CORE_READ(task, thread_pid, level) == 0;
	}
	if (task) {
		if (task->pid == task->tgid && !(task->flags & PF_KTHREAD) && !is_dead(task))
			repair(task);
		return 0;
	}
	if (walk->session == ctx->meta->session_id && walk->whole) {
		start = walk->start;
		bpf_for_each_map_elem(&processes, sweep_process, &start, 0);
		/* All of its processes found room, so that every watched process has a record. */
		unrecorded = unrecorded_since;
		if (unrecorded && unrecorded < start)
			__sync_val_compare_and_swap(&unrecorded_since, unrecorded, 0);
	}
	bpf_for_each_map_elem(&considered_pids, sweep_verdict, NULL, 0);
	bpf_for_each_map_elem(&processes, show_process, NULL, 0);
	negative_clear_all();
	return 0;
}

/*
 * Replace a control or non-ASCII byte, so that a process name cannot send escape sequences to a
 * terminal. This is a bpf_loop() callback: the verifier of Linux 7.2 would follow each path through
 * an ordinary loop.
 */
static long make_printable(u32 i, char *command)
{
	char *c = &command[i % HB_COMM_LEN];

	if (*c && (*c < ' ' || *c > '~'))
		*c = '?';
	return 0;
}

SEC("iter/bpf_map_elem")
int considered(struct bpf_iter__bpf_map_elem *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct hb_process *process = ctx->value;
	char command[HB_COMM_LEN];
	u32 *pid = ctx->key;
	u64 ago;

	if (!pid || !process)
		return 0;
	if (ctx->meta->seq_num == 0)
		BPF_SEQ_PRINTF(
			seq,
			"       PID        UID        TTY        BEATS  LAST_BEAT_AGO  PROGRAM\n");
	__builtin_memcpy(command, process->command, sizeof(command));
	bpf_loop(HB_COMM_LEN, make_printable, command, 0);
	command[HB_COMM_LEN - 1] = '\0';
	BPF_SEQ_PRINTF(seq, "%10u %10u %6u:%-3u %12llu ", *pid, process->uid,
		       DEV_MAJOR(process->tty), DEV_MINOR(process->tty), process->beats);
	if (process->last_beat) {
		ago = (bpf_ktime_get_boot_ns() - process->last_beat) / NS_PER_MS;
		BPF_SEQ_PRINTF(seq, "%9llu.%03llus  %s\n", ago / 1000, ago % 1000, command);
	} else {
		BPF_SEQ_PRINTF(seq, "             -  %s\n", command);
	}
	return 0;
}

#endif
