/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Handles read(2): the programs behind the read stubs of stubs.bpf.h.
 *
 *	fentry/__x64_sys_read, fentry/__ia32_sys_read (x86), fentry/__arm64_sys_read
 *				rules stdin and any: a read of descriptor 0, when it is issued
 *	tp/syscalls/sys_enter_read
 *				rule stdin: a read of descriptor 0, when it is issued
 *				rule any: a read of a terminal as well
 *	tp/syscalls/sys_exit_read
 *				rule keys: a read of a terminal that returned bytes
 *
 * They run at each read of each process on the machine, so every read that is not a beat must
 * leave early.
 */
#ifndef HB_READ_BPF_H
#define HB_READ_BPF_H

#include "bpf/beat.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/negative_cache.bpf.h"
#include "bpf/terminal.bpf.h"

static __always_inline int read_of_stdin(void)
{
	struct hb_process *process;
	u32 pid;

	stat_count(HB_STAT_STDIN_READS);
	if (rule == HB_RULE_KEYS)
		return 0;
	pid = current_pid();
	if (negative_contains(pid, NEGATIVE_JUDGED))
		return 0;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (process)
		beat(process, pid, 0);
	else
		judge_and_beat(pid, 0, true);
	return 0;
}

/* The stub calls these for descriptor 0 only. */
SEC("fentry/" SYS_READ_HOOK)
int BPF_PROG(fentry_read, const struct pt_regs *regs)
{
	return read_of_stdin();
}

#ifdef SYS_READ_COMPAT_HOOK
SEC("fentry/" SYS_READ_COMPAT_HOOK)
int BPF_PROG(fentry_read_compat, const struct pt_regs *regs)
{
	return read_of_stdin();
}
#endif

SEC("tp/syscalls/sys_enter_read")
int read_enter(struct read_enter_args *args)
{
	u32 descriptor = (u32)args->descriptor;
	struct hb_process *process;
	u32 pid;

	if (descriptor == 0)
		return read_of_stdin();
	if (rule != HB_RULE_ANY)
		return 0;
	pid = current_pid();
	if (negative_contains(pid, NEGATIVE_NO_RECORD))
		return 0;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (!process)
		return negative_remember(pid, negative_epoch, NEGATIVE_NO_RECORD);
	if (is_terminal(descriptor))
		beat(process, pid, 0);
	return 0;
}

SEC("tp/syscalls/sys_exit_read")
int read_exit(struct read_exit_args *args)
{
	struct hb_process *process;
	u32 descriptor;
	u32 pid;

	if (args->result < 0 || rule != HB_RULE_KEYS)
		return 0;
	pid = current_pid();
	if (args->result > 0 && negative_contains(pid, NEGATIVE_JUDGED))
		return 0;
	/* This tracepoint does not get the arguments, but the saved registers hold them. */
	descriptor = call_argument((struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf()));
	if (args->result == 0) {
		/* Not a key, but count it: hb-read probes the hook with a read of no bytes. */
		if (descriptor == 0)
			stat_count(HB_STAT_STDIN_READS);
		return 0;
	}
	if (descriptor != 0 && negative_contains(pid, NEGATIVE_NO_RECORD))
		return 0;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (!process && descriptor != 0)
		return negative_remember(pid, negative_epoch, NEGATIVE_NO_RECORD);
	if (!process)
		judge_and_beat(pid, HB_BEAT_KEY, is_terminal(descriptor));
	else if (is_terminal(descriptor))
		beat(process, pid, HB_BEAT_KEY);
	return 0;
}

#endif
