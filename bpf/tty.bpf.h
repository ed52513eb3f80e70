/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Watches reads of terminals, where the kernel's tty layer answers them.
 *
 *	fexit/tty_read		hook fentry, all rules: keys through any descriptor, and other
 *				reads of a terminal that is descriptor 0
 *
 * This sees every way to read: read, readv, preadv2, splice, io_uring. Reads of anything else pay
 * nothing for it. On preemptible kernels, a preempted program on read(2) does not block this one.
 */
#ifndef HB_TTY_BPF_H
#define HB_TTY_BPF_H

#include "bpf/beat.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/terminal.bpf.h"

SEC("fexit/tty_read")
int BPF_PROG(fexit_tty_read, struct kiocb *iocb, void *to, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct hb_process *process;
	struct read read = {.key = result > 0};
	u32 pid = current_pid();

	stat_count(HB_STAT_TTY_READS);
	if (was_interrupted(result) || !is_terminal_side(iocb->ki_filp->f_inode->i_rdev))
		return 0;
	/* A worker of io_uring made no system call of its own. */
	read.stdin = !(task->flags & PF_IO_WORKER) && is_read_of_stdin(task);
	if (!read.key && !read.stdin)
		return 0;
	if (!(any_program && read.key) && negative_contains(pid, NEGATIVE_JUDGED))
		return 0;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (process)
		count(process, pid, &read);
	else
		judge_and_count(pid, read.stdin, read.key);
	return 0;
}

#endif
