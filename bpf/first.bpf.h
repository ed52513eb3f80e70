/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The first read of a process: judge it, and let it beat at once if it is considered. */
#ifndef HB_FIRST_BPF_H
#define HB_FIRST_BPF_H

#include "bpf/beat.bpf.h"

static __always_inline u32 current_pid(void)
{
	return (u32)(bpf_get_current_pid_tgid() >> 32);
}

/*
 * A read by a process that has no record in `processes`. @beats: such a read is a beat of whoever
 * is considered; else the process is judged alone, so that it is known to be quiet from then on.
 */
__noinline int judge_and_beat(u32 pid, u32 flags, bool beats)
{
	char command[HB_COMM_LEN];
	struct hb_process *process;
	u32 epoch = negative_epoch;
	u64 key = pid;
	u8 *verdict;

	verdict = bpf_map_lookup_elem(&considered_pids, &key);
	if (verdict && *verdict == HB_NOT_CONSIDERED)
		return remember_negative(pid, epoch, NEGATIVE_JUDGED);
	if (!judge(bpf_get_current_task_btf(), key, command) || !beats)
		return 0;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (process)
		beat(process, pid, flags);
	else
		beat_unrecorded(command, pid, flags);
	return 0;
}

#endif
