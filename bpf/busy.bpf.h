/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds the busy programs that run, such as make: while one does, its workspace is not idle.
 *
 *	iter/task (busy)	pinned: write a struct hb_busy for each process that counts
 *
 * No hook has to do with them: hb-read reads the file when it takes a picture of the maps, and only if
 * there is a name on the list.
 */
#ifndef HB_BUSY_BPF_H
#define HB_BUSY_BPF_H

#include "bpf/account.bpf.h"
#include "bpf/iterators.bpf.h"
#include "bpf/judge.bpf.h"
#include "bpf/maps.bpf.h"

/*
 * Is @task's process stopped, by a signal or with its cgroup? A tracer stops a process at every turn
 * and lets it go on, so a process that is traced does not count as stopped.
 */
static __always_inline bool is_stopped(struct task_struct *task)
{
	return BPF_CORE_READ(task, signal, flags) & SIGNAL_STOP_STOPPED ||
	       BPF_CORE_READ_BITFIELD_PROBED(task, frozen);
}

/* Fill in all of @record but the name. */
static __noinline int describe(struct task_struct *task, struct hb_busy *record)
{
	struct cgroup *cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp);

	record->start = BPF_CORE_READ(task, start_boottime);
	record->cgroup_id = BPF_CORE_READ(cgroup, kn, id);
	record->account_id = account_of(cgroup);
	record->pid = (u32)BPF_CORE_READ(task, tgid);
	return 0;
}

SEC("iter/task")
int busy(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct hb_busy record = {};

	if (!task || task->pid != task->tgid || task->flags & PF_KTHREAD)
		return 0;
	command_of(task, record.command);
	if (!bpf_map_lookup_elem(&busy_programs, record.command) || is_dead(task) ||
	    is_stopped(task))
		return 0;
	describe(task, &record);
	bpf_seq_write(ctx->meta->seq, &record, sizeof(record));
	return 0;
}

#endif
