/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads of terminals, where the kernel's tty layer answers them.
 *
 *	fexit/tty_read	rule any: through other descriptors than 0; rule keys: all; each rule:
 *			the time of the last key
 *
 * Whatever the system call: read, readv, preadv2, splice, io_uring. Other reads pay nothing for it,
 * and a preempted program of theirs cannot keep this one from running.
 */
#ifndef HB_TTY_BPF_H
#define HB_TTY_BPF_H

#include "bpf/beat.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/terminal.bpf.h"

/*
 * The hook on read(2) has counted this read already. Files do not tell: descriptors 0, 1 and 2 of
 * a terminal are usually one file. A worker of io_uring made no system call of its own.
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
