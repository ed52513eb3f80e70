/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps the accounts: adds the counts of processes to those of their program and cgroup.
 */
#ifndef HB_ACCOUNT_BPF_H
#define HB_ACCOUNT_BPF_H

#include <linux/errno.h>

#include "bpf/maps.bpf.h"

/* Add @beats to what program @command has; @last_beat may be older than what is there. */
static __always_inline void credit_program(const char *command, u64 beats, u64 last_beat)
{
	struct hb_program *program = bpf_map_lookup_elem(&programs, command);

	if (!program)
		return;
	__sync_fetch_and_add(&program->beats, beats);
	if (program->last_beat < last_beat)
		program->last_beat = last_beat;
}

/*
 * Like credit_program(). Never makes a record: the cgroup may be gone already, and then nothing
 * would ever delete it.
 */
static __always_inline void credit_cgroup(u64 id, u64 beats, u64 last_beat, u64 last_key)
{
	struct hb_cgroup *cgroup = bpf_map_lookup_elem(&cgroups, &id);

	if (!cgroup)
		return;
	__sync_fetch_and_add(&cgroup->beats, beats);
	if (cgroup->last_beat < last_beat)
		cgroup->last_beat = last_beat;
	if (cgroup->last_key < last_key)
		cgroup->last_key = last_key;
}

/*
 * Forget a considered process: its record goes, its counts stay with its program and cgroup.
 * The record is copied first, since the memory of a deleted one may be in use again at once
 * (hashes that allocate as they fill, Linux 6.1); only who deletes it may credit it.
 */
__noinline int forget_process(u32 pid)
{
	struct hb_process *process = bpf_map_lookup_elem(&processes, &pid);
	struct hb_process copy;

	if (!process)
		return 0;
	copy = *process;
	stat_count(HB_STAT_FOLDS_BEGUN);
	if (bpf_map_delete_elem(&processes, &pid) == 0) {
		credit_program(copy.command, copy.beats, copy.last_beat);
		credit_cgroup(copy.cgroup_id, copy.beats - copy.beats_elsewhere, copy.last_beat,
			      copy.last_key);
	}
	stat_count(HB_STAT_FOLDS_DONE);
	return 1;
}

/* See that the current cgroup has a record: its name cannot be found out once it is gone. */
__noinline int remember_cgroup(u64 id)
{
	struct hb_cgroup cgroup = {};
	struct task_struct *task;

	if (bpf_map_lookup_elem(&cgroups, &id))
		return 0;
	task = bpf_get_current_task_btf();
	bpf_probe_read_kernel_str(cgroup.name, sizeof(cgroup.name),
				  BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, name));
	if (map_update(&cgroups, &id, &cgroup, BPF_NOEXIST) == -E2BIG)
		stat_count(HB_STAT_REFUSED_CGROUPS);
	return 0;
}

/* The process was moved to another cgroup: what it did so far stays with the old one. */
__noinline int move_cgroup(u32 pid, u64 to)
{
	struct hb_process *process = bpf_map_lookup_elem(&processes, &pid);
	u64 from;
	u64 beats;

	if (!process)
		return 0;
	from = process->cgroup_id;
	stat_count(HB_STAT_FOLDS_BEGUN);
	/* Threads may come here together: one of them does it. */
	if (from != to && __sync_val_compare_and_swap(&process->cgroup_id, from, to) == from) {
		beats = process->beats;
		credit_cgroup(from, beats - process->beats_elsewhere, process->last_beat,
			      process->last_key);
		process->beats_elsewhere = beats;
	}
	stat_count(HB_STAT_FOLDS_DONE);
	return 0;
}

#endif
