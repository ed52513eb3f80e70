/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Handles reads of terminals where the kernel's tty layer returns from them.
 *
 *	fexit/tty_read	rule keys: every read that returned bytes is a beat
 *			rule any: the same, except read(2) of descriptor 0
 *			each rule: the time of the last key
 *
 * This sees every way to read: read, readv, preadv2, splice, io_uring. Reads of anything else pay
 * nothing for it. On preemptible kernels, a preempted program on read(2) does not block this one.
 */
#ifndef HB_TTY_BPF_H
#define HB_TTY_BPF_H

#include "bpf/beat.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/terminal.bpf.h"

/*
 * Has the hook on read(2) counted this read already? The system call tells, not the file:
 * descriptors 0, 1 and 2 of a terminal usually share one struct file. A worker of io_uring makes no
 * system call of its own.
 */
static __always_inline bool was_counted(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (rule == HB_RULE_KEYS || task->flags & PF_IO_WORKER)
		return false;
	return is_read_of_stdin(task);
}

SEC("fexit/tty_read")
int BPF_PROG(fexit_tty_read, struct kiocb *iocb, void *to, long result)
{
	u32 pid = current_pid();
	struct hb_process *process;

	stat_count(HB_STAT_TTY_READS);
	if (result <= 0 || !is_terminal_side(iocb->ki_filp->f_inode->i_rdev))
		return 0;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (rule == HB_RULE_STDIN || was_counted()) {
		if (process)
			process->last_key = bpf_ktime_get_boot_ns();
	} else if (process) {
		beat(process, pid, HB_BEAT_KEY);
	} else {
		judge_and_beat(pid, HB_BEAT_KEY, true);
	}
	return 0;
}

#endif
