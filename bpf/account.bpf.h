/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Adds the counts of processes to the records of their program and cgroup.
 *
 * While a process lives, its beats are counted in its own record alone. They are added to program
 * and cgroup ("folded") when the process ends, runs another program or moves to another cgroup.
 * HB_STAT_FOLDS_BEGUN and HB_STAT_FOLDS_DONE frame each fold, so that a snapshot can see that it
 * read between the two.
 */
#ifndef HB_ACCOUNT_BPF_H
#define HB_ACCOUNT_BPF_H

#include <linux/errno.h>

#include "bpf/maps.bpf.h"

/* Credit @beats to program @command. @last_beat may be older than the one in its record. */
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
 * Credit @beats to cgroup @id. This never creates a record: the cgroup may have been removed
 * already, and then nothing would delete the record again.
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
 * Delete the record of a considered process and credit its counts to its program and cgroup.
 *
 * Copy the record first: without preallocation, the memory of a deleted element can be reused at
 * once (Linux 6.1). Only the caller whose delete succeeds may credit the counts.
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

/* Make a record for the current cgroup. A removed cgroup has no name, so keep it from now on. */
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

/* Move process @pid to cgroup @to. Its beats so far stay with the old cgroup. */
__noinline int move_cgroup(u32 pid, u64 to)
{
	struct hb_process *process = bpf_map_lookup_elem(&processes, &pid);
	u64 from;
	u64 beats;

	if (!process)
		return 0;
	from = process->cgroup_id;
	stat_count(HB_STAT_FOLDS_BEGUN);
	/* Several threads may get here at once: only one of them folds. */
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
