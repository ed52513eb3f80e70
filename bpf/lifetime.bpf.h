/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Drops verdicts and records when a program, a process or a cgroup ends.
 *
 *	raw_tp/sched_process_exec	drop the old program's verdict and judge the new program
 *	raw_tp/sched_process_exit	drop the process when its last thread exits
 *	raw_tp/cgroup_rmdir		drop the cgroup
 *
 * So a reused pid never inherits a verdict.
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
	/* Judge at once: a program that never reads descriptor 0 may still read its terminal. */
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

	/* do_exit() in kernel/exit.c decrements this first: it is 0 for the last thread. */
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

	/* Skip version 1 hierarchies: their ids may equal those of version 2. */
	if (BPF_CORE_READ(cgroup, root) !=
	    BPF_CORE_READ(bpf_get_current_task_btf(), cgroups, dfl_cgrp, root))
		return 0;
	id = BPF_CORE_READ(cgroup, kn, id);
	bpf_map_delete_elem(&cgroups, &id);
	return 0;
}

#endif
