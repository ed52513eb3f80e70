/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lifetime: a verdict belongs to one program in one process, a cgroup's record to one cgroup.
 *
 *	raw_tp/sched_process_exec	forget the old program's verdict, judge the new one
 *	raw_tp/sched_process_exit	forget the process with its last thread
 *	raw_tp/cgroup_rmdir		forget the cgroup
 */
#ifndef HB_LIFETIME_BPF_H
#define HB_LIFETIME_BPF_H

#include "bpf/account.bpf.h"
#include "bpf/judge.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/negative_cache.bpf.h"

SEC("raw_tp/sched_process_exec")
int process_exec(void *args)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u32 pid = (u32)task->tgid;
	char command[HB_COMM_LEN];
	u64 key = pid;

	forget_process(pid);
	command_of(task, command);
	/* Known from here, so that what never reads descriptor 0 is seen on its terminals. */
	if (is_listed(command))
		consider(task, command);
	else
		bpf_map_delete_elem(&considered_pids, &key);
	negative_clear(pid);
	return 0;
}

SEC("raw_tp/sched_process_exit")
int process_exit(void *args)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u32 pid = (u32)task->tgid;
	u64 key = pid;

	/* Counted down before this tracepoint (kernel/exit.c, do_exit()): 0 for the last thread. */
	if (BPF_CORE_READ(task, signal, live.counter) > 0)
		return 0;
	forget_process(pid);
	bpf_map_delete_elem(&considered_pids, &key);
	negative_clear(pid);
	return 0;
}

SEC("raw_tp/cgroup_rmdir")
int cgroup_removed(struct bpf_raw_tracepoint_args *args)
{
	struct cgroup *cgroup = (struct cgroup *)args->args[0];
	u64 id;

	/* Version 1 hierarchies have ids of their own, which may be equal. */
	if (BPF_CORE_READ(cgroup, root) !=
	    BPF_CORE_READ(bpf_get_current_task_btf(), cgroups, dfl_cgrp, root))
		return 0;
	id = BPF_CORE_READ(cgroup, kn, id);
	bpf_map_delete_elem(&cgroups, &id);
	return 0;
}

#endif
