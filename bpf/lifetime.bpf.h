/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Follows processes and cgroups through their lives: a verdict belongs to one program in one
 * process, and the record of a cgroup to one cgroup.
 *
 *	raw_tp/sched_process_fork	judge the child by its name
 *	raw_tp/task_rename		judge the process by its new name
 *	raw_tp/sched_process_exec	forget the old program, judge the new one
 *	raw_tp/sched_process_exit	forget the process with its last thread
 *	raw_tp/cgroup_mkdir		make the record of the cgroup
 *	raw_tp/cgroup_attach_task	the process is in another cgroup
 *	raw_tp/cgroup_rmdir		add the record of the cgroup to that of its parent
 */
#ifndef HB_LIFETIME_BPF_H
#define HB_LIFETIME_BPF_H

#include "bpf/account.bpf.h"
#include "bpf/judge.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/negative_cache.bpf.h"

/* A raw tracepoint passes its arguments as numbers: what they point to is read by CO-RE. */
#define ARG(type, index) ((type)args->args[index])

static __always_inline bool is_leader(struct task_struct *task)
{
	return BPF_CORE_READ(task, pid) == BPF_CORE_READ(task, tgid) &&
	       !(BPF_CORE_READ(task, flags) & PF_KTHREAD);
}

/*
 * The child has its pid, cgroup and name, and has not run. Nobody started it by typing a command, so
 * it has the time that its parent was opened at: else a plugin that forks each minute would keep its
 * workspace active for ever.
 */
SEC("raw_tp/sched_process_fork")
int process_fork(struct bpf_raw_tracepoint_args *args)
{
	struct task_struct *child = ARG(struct task_struct *, 1);
	struct task_struct *task = ARG(struct task_struct *, 0);
	u32 parent = (u32)BPF_CORE_READ(task, tgid);
	u32 pid = (u32)BPF_CORE_READ(child, tgid);
	struct hb_process *process;
	char command[HB_COMM_LEN];

	if (!is_leader(child))
		return 0;
	/* That of an earlier process with this pid, whose end was not seen. */
	if (bpf_map_lookup_elem(&processes, &pid))
		unconsider(pid);
	command_of(child, command);
	if (!is_watched(child, command))
		return 0;
	process = bpf_map_lookup_elem(&processes, &parent);
	consider(child, command, process ? process->opened_at : 0);
	return 0;
}

/*
 * This comes before the name is written, and in an exec before sched_process_exec: so the name is
 * that of the argument. @task need not be current: a thread may name another through
 * /proc/self/task/TID/comm.
 */
SEC("raw_tp/task_rename")
int process_rename(struct bpf_raw_tracepoint_args *args)
{
	struct task_struct *task = ARG(struct task_struct *, 0);
	char command[HB_COMM_LEN] __attribute__((aligned(8))) = {};

	if (!is_leader(task))
		return 0;
	bpf_probe_read_kernel_str(command, sizeof(command), ARG(const char *, 1));
	return rename_process(task, (u32)BPF_CORE_READ(task, tgid), command);
}

SEC("raw_tp/sched_process_exec")
int process_exec(void *args)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u32 pid = (u32)task->tgid;
	struct hb_process *process;
	char command[HB_COMM_LEN];
	u64 opened;

	command_of(task, command);
	if (!is_watched(task, command)) {
		unconsider(pid);
		return 0;
	}
	process = bpf_map_lookup_elem(&processes, &pid);
	/* The hook on renames has been here before this one; and a record may be that of a dead process. */
	if (process && !(process->flags & HB_PROCESS_RENAMED) &&
	    process->start == BPF_CORE_READ(task, group_leader, start_boottime))
		opened = process->opened_at;
	else
		opened = opened_at(task, bpf_ktime_get_boot_ns());
	/* Known from here, so that what never reads descriptor 0 is seen on its terminals. */
	forget_process(pid);
	consider(task, command, opened);
	return 0;
}

SEC("raw_tp/sched_process_exit")
int process_exit(void *args)
{
	struct task_struct *task = bpf_get_current_task_btf();

	/* Counted down before this tracepoint (kernel/exit.c, do_exit()): 0 for the last thread. */
	if (BPF_CORE_READ(task, signal, live.counter) <= 0)
		unconsider((u32)task->tgid);
	return 0;
}

/* Version 1 hierarchies have ids of their own, which may be equal. */
static __always_inline bool is_version_2(struct cgroup *cgroup)
{
	return BPF_CORE_READ(cgroup, root) ==
	       BPF_CORE_READ(bpf_get_current_task_btf(), cgroups, dfl_cgrp, root);
}

/* Before the directory can be seen (kernel/cgroup/cgroup.c, cgroup_mkdir()). */
SEC("raw_tp/cgroup_mkdir")
int cgroup_made(struct bpf_raw_tracepoint_args *args)
{
	struct cgroup *cgroup = ARG(struct cgroup *, 0);

	if (is_version_2(cgroup))
		add_cgroup(cgroup, bpf_ktime_get_boot_ns());
	return 0;
}

/*
 * After the move. A process is where its first thread is. A child that is made in another cgroup
 * (clone3(2), CLONE_INTO_CGROUP) does not come here: the hook on fork finds it there.
 */
SEC("raw_tp/cgroup_attach_task")
int cgroup_entered(struct bpf_raw_tracepoint_args *args)
{
	struct task_struct *task = ARG(struct task_struct *, 2);
	struct cgroup *cgroup = ARG(struct cgroup *, 0);

	if (is_version_2(cgroup) && is_leader(task))
		move_process((u32)BPF_CORE_READ(task, tgid), cgroup);
	return 0;
}

/* Its last process has ended or moved before, and has been counted. */
SEC("raw_tp/cgroup_rmdir")
int cgroup_removed(struct bpf_raw_tracepoint_args *args)
{
	struct cgroup *cgroup = ARG(struct cgroup *, 0);

	if (is_version_2(cgroup))
		remove_cgroup(cgroup);
	return 0;
}

#endif
