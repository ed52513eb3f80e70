// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Watches reads of descriptor 0 and of terminals on the whole machine, and counts the heartbeats of
 * the programs on the list. README.md explains how it works.
 *
 *	stubs.bpf.h		the attached programs, which jump to those below
 *	read.bpf.h		read(2): fentry/__x64_sys_read and the like, or
 *				tp/syscalls/sys_enter_read, tp/syscalls/sys_exit_read
 *	tty.bpf.h		reads of terminals: fexit/tty_read
 *	lifetime.bpf.h		raw_tp/sched_process_exec, raw_tp/sched_process_exit,
 *				raw_tp/cgroup_rmdir
 *	iterators.bpf.h		judge_all, collect, considered
 *	judge.bpf.h		decide whether a process is considered
 *	negative_cache.bpf.h	remember processes whose reads are not beats
 *	beat.bpf.h		count a beat and send it to the readers
 *	account.bpf.h		add the counts of processes to programs and cgroups
 *	terminal.bpf.h		find out whether a descriptor is a terminal
 *	maps.bpf.h		the maps
 *	kernel.h		types and constants of the kernel
 *
 * All of this is one translation unit, because it shares the maps. Functions that take only numbers
 * are not static: the verifier checks such a function once, not at each call.
 */
#include "bpf/stubs.bpf.h"
#include "bpf/read.bpf.h"
#include "bpf/tty.bpf.h"
#include "bpf/lifetime.bpf.h"
#include "bpf/iterators.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
