/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Defines the stubs: the programs that are attached to the kernel, and that jump through an array
 * to the programs in the other files.
 *
 * The stubs stay attached across upgrades. An upgrade replaces the elements of the arrays, each in
 * one step, so the old or the new program sees each read, and never both or neither. The kernel
 * cannot do this with links: those to tracepoints and functions cannot be updated.
 *
 *	fentry/__x64_sys_read, fentry/__ia32_sys_read (x86), fentry/__arm64_sys_read
 *	fexit/tty_read
 *	tp/syscalls/sys_exit_read
 *	raw_tp/sched_process_{fork,exec,exit}, raw_tp/task_rename
 *	raw_tp/cgroup_{mkdir,attach_task,rmdir}
 *
 * All programs in one array must have the same type, and those on a function must be for the same
 * function.
 */
#ifndef HB_STUBS_BPF_H
#define HB_STUBS_BPF_H

#include "bpf/kernel.h"
#include "bpf/stubs.h"

#define ARRAY(name)                                    \
	struct {                                       \
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY); \
		__uint(max_entries, STUBS_MAX);        \
		__uint(key_size, sizeof(u32));         \
		__uint(value_size, sizeof(u32));       \
	} name SEC(".maps")

ARRAY(reads);
ARRAY(compat_reads);
ARRAY(tty_reads);
ARRAY(tracepoints);
ARRAY(raw_tracepoints);

#define STUB(name, section, array, key)            \
	SEC(section)                               \
	int stub_##name(void *ctx)                 \
	{                                          \
		bpf_tail_call(ctx, &(array), key); \
		return 0;                          \
	}

/* Nearly all reads are of other descriptors: leave here. */
SEC("fentry/" SYS_READ_HOOK)
int BPF_PROG(stub_fentry_read, const struct pt_regs *regs)
{
	if (call_argument(regs) == 0)
		bpf_tail_call(ctx, &reads, 0);
	return 0;
}

#ifdef SYS_READ_COMPAT_HOOK
SEC("fentry/" SYS_READ_COMPAT_HOOK)
int BPF_PROG(stub_fentry_read_compat, const struct pt_regs *regs)
{
	if (compat_call_argument(regs) == 0)
		bpf_tail_call(ctx, &compat_reads, 0);
	return 0;
}
#endif

STUB(fexit_tty_read, "fexit/tty_read", tty_reads, 0)
STUB(read_exit, "tp/syscalls/sys_exit_read", tracepoints, STUB_READ_EXIT)
STUB(fork, "raw_tp/sched_process_fork", raw_tracepoints, STUB_FORK)
STUB(rename, "raw_tp/task_rename", raw_tracepoints, STUB_RENAME)
STUB(exec, "raw_tp/sched_process_exec", raw_tracepoints, STUB_EXEC)
STUB(exit, "raw_tp/sched_process_exit", raw_tracepoints, STUB_EXIT)
STUB(cgroup_mkdir, "raw_tp/cgroup_mkdir", raw_tracepoints, STUB_CGROUP_MKDIR)
STUB(cgroup_attach, "raw_tp/cgroup_attach_task", raw_tracepoints, STUB_CGROUP_ATTACH)
STUB(cgroup_rmdir, "raw_tp/cgroup_rmdir", raw_tracepoints, STUB_CGROUP_RMDIR)

#endif
