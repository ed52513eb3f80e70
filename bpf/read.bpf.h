/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Watches reads by read(2). The stubs of stubs.bpf.h lead here.
 *
 *	tp/syscalls/sys_exit_read	hook tracepoint, all rules: what a read returned
 *	fentry/__x64_sys_read, fentry/__ia32_sys_read (x86), fentry/__arm64_sys_read
 *					hook fentry, rules stdin and any: reads of descriptor 0, as
 *					issued; those of terminals are left to fexit/tty_read
 *
 * They run at each read of each process of the node: a read that is not ours must leave early.
 */
#ifndef HB_READ_BPF_H
#define HB_READ_BPF_H

#include "bpf/beat.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/negative_cache.bpf.h"
#include "bpf/terminal.bpf.h"

/* The tests that need the least come first: most reads are of processes that are not watched. */
SEC("tp/syscalls/sys_exit_read")
int read_exit(struct read_exit_args *args)
{
	long result = args->result;
	struct hb_process *process;
	struct read read = {};
	u32 pid = current_pid();
	u32 descriptor;
	bool by_name; /* a process without a record may be watched all the same */

	if (!any_program && result != 0 && negative_contains(pid, NEGATIVE_JUDGED))
		return 0;
	/* The arguments are not passed to this tracepoint, but the saved registers have them. */
	descriptor = call_argument((struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf()));
	read.stdin = descriptor == 0;
	/* Only keys count through other descriptors. */
	if (!read.stdin && result <= 0)
		return 0;
	if (read.stdin && result == 0)
		stat_count(
			HB_STAT_STDIN_READS); /* by this, the probe sees that the hook is alive */
	if (any_program)
		read.key = result > 0 && is_terminal(descriptor);
	by_name = read.stdin || unrecorded_since;
	if (!read.key && negative_contains(pid, by_name ? NEGATIVE_JUDGED : NEGATIVE_NO_RECORD))
		return 0;
	if (was_interrupted(result))
		return 0;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (!process && !by_name && !read.key)
		return negative_remember(pid, negative_epoch, NEGATIVE_NO_RECORD);
	if (!any_program)
		read.key = result > 0 && is_terminal(descriptor);
	if (process)
		count(process, pid, &read);
	else
		judge_and_count(pid, read.stdin, read.key);
	return 0;
}

static __always_inline int read_of_stdin(void)
{
	const struct read read = {.stdin = true};
	struct hb_process *process;
	u32 pid;

	stat_count(HB_STAT_STDIN_READS);
	pid = current_pid();
	if (negative_contains(pid, NEGATIVE_JUDGED))
		return 0;
	process = bpf_map_lookup_elem(&processes, &pid);
	/* A terminal may be interrupted before anything is typed: fexit/tty_read knows what came. */
	if (is_terminal(0))
		return 0;
	if (process)
		count(process, pid, &read);
	else
		judge_and_count(pid, true, false);
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

#endif
