/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading: the hooks on read(2), behind the stubs of stubs.bpf.c.
 *
 *	tp/syscalls/sys_enter_read	rules stdin and any: beats as they are issued
 *	tp/syscalls/sys_exit_read	rule keys: beats as a terminal's read returns bytes
 *
 * They run at each read of each process of the node: what is not ours must leave early.
 */
#ifndef HB_READ_BPF_H
#define HB_READ_BPF_H

#include "beat.bpf.h"
#include "terminal.bpf.h"

/* A read of descriptor 0 by a process that is not known to be considered. */
static __noinline int judge_and_beat(u32 pid, u32 flags)
{
	char command[HB_COMM_LEN];
	struct hb_process *process;
	u64 key = pid;
	u8 *verdict;

	verdict = bpf_map_lookup_elem(&considered_pids, &key);
	if (verdict && *verdict == HB_NOT_CONSIDERED)
		return 0;
	if (!judge(bpf_get_current_task_btf(), key, command))
		return 0;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (process)
		beat(process, pid, flags);
	else
		beat_unrecorded(command, pid, flags);
	return 0;
}

SEC("tp/syscalls/sys_enter_read")
int read_enter(struct read_enter_args *args)
{
	u32 descriptor = (u32)args->descriptor;
	struct hb_process *process;
	u32 pid;

	if (descriptor == 0)
		stat_count(HB_STAT_STDIN_READS);
	else if (rule != HB_RULE_ANY)
		return 0;
	/* Replaced while a read was on its way: under this rule it beats as it returns. */
	if (rule == HB_RULE_KEYS)
		return 0;
	pid = (u32)(bpf_get_current_pid_tgid() >> 32);
	process = bpf_map_lookup_elem(&processes, &pid);
	if (descriptor == 0) {
		if (process)
			beat(process, pid, 0);
		else
			judge_and_beat(pid, 0);
	} else if (process && is_terminal(descriptor)) {
		beat(process, pid, 0);
	}
	return 0;
}

SEC("tp/syscalls/sys_exit_read")
int read_exit(struct read_exit_args *args)
{
	struct hb_process *process;
	u32 descriptor;
	u32 pid;

	if (args->result <= 0 || rule != HB_RULE_KEYS)
		return 0;
	pid = (u32)(bpf_get_current_pid_tgid() >> 32);
	process = bpf_map_lookup_elem(&processes, &pid);
	/* The arguments are not passed to this tracepoint, but the saved registers still have them.
	 */
	descriptor = (u32)syscall_first_argument(
		(struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf()));
	if (!process && descriptor != 0)
		return 0;
	if (!is_terminal(descriptor))
		return 0;
	if (process)
		beat(process, pid, HB_BEAT_KEY);
	else
		judge_and_beat(pid, HB_BEAT_KEY);
	return 0;
}

#endif
