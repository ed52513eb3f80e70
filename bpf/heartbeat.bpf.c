// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The hooks of activity-heartbeat: watch reads of standard input and of terminals in the whole
 * system, and let the considered programs beat.
 *
 *	stubs.bpf.h	what is attached, and leads to the programs below
 *	read.bpf.h	read(2): fentry/__x64_sys_read and its like, or
 *			tp/syscalls/sys_enter_read, tp/syscalls/sys_exit_read
 *	tty.bpf.h	reads of terminals: fexit/tty_read
 *	lifetime.bpf.h	raw_tp/sched_process_exec, raw_tp/sched_process_exit, raw_tp/cgroup_rmdir
 *	iterators.bpf.h	judge_all, collect, considered
 *	judge.bpf.h	who is considered
 *	negative_cache.bpf.h	processes known not to beat
 *	account.bpf.h	accounts
 *	beat.bpf.h	counting a beat and giving it to the readers
 *	maps.bpf.h	the maps
 *
 * One translation unit: all of them share the maps. Functions that take numbers are not static: the
 * verifier looks at such a function once, not at each call.
 */
#include "bpf/stubs.bpf.h"
#include "bpf/read.bpf.h"
#include "bpf/tty.bpf.h"
#include "bpf/lifetime.bpf.h"
#include "bpf/iterators.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
