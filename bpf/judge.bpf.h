/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Decides whether a process is considered: whether its leader's command name is on the list.
 *
 * The verdict "considered" is the record in `processes`. considered_pids shows it to the public,
 * and caches the verdict "not considered" until the next collection.
 */
#ifndef HB_JUDGE_BPF_H
#define HB_JUDGE_BPF_H

#include <linux/errno.h>

#include "bpf/maps.bpf.h"
#include "bpf/negative_cache.bpf.h"

static __always_inline u32 tty_of(struct task_struct *task)
{
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);
	struct tty_driver *driver;

	if (!tty)
		return 0;
	driver = BPF_CORE_READ(tty, driver);
	return (u32)BPF_CORE_READ(driver, major) << 20 |
	       (u32)(BPF_CORE_READ(driver, minor_start) + BPF_CORE_READ(tty, index));
}

/*
 * Copy the command name of @task's leader, padded with NUL: the name is the key of a map, and some
 * kernels leave stale bytes after the NUL.
 */
static __always_inline void command_of(struct task_struct *task, char command[HB_COMM_LEN])
{
	__builtin_memset(command, 0, HB_COMM_LEN);
	bpf_probe_read_kernel_str(command, HB_COMM_LEN, BPF_CORE_READ(task, group_leader)->comm);
}

static __always_inline bool is_listed(const char *command)
{
	return bpf_map_lookup_elem(&programs, command) != NULL;
}

/*
 * Record that @task's process is considered. Write `processes` before considered_pids: a collection
 * deletes a verdict 1 that has no record, and a program that sees the public verdict may look for
 * the record.
 */
static __noinline int consider(struct task_struct *task, const char *command)
{
	struct hb_process process = {};
	u8 verdict = HB_CONSIDERED;
	u32 pid;
	u64 key;
	int r;

	if (!task || !command)
		return 0;
	pid = (u32)task->tgid;
	key = pid;
	process.start = BPF_CORE_READ(task, group_leader, start_boottime);
	process.cgroup_id = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	process.seen = bpf_ktime_get_boot_ns();
	process.uid = BPF_CORE_READ(task, cred, uid.val);
	process.tty = tty_of(task);
	__builtin_memcpy(process.command, command, HB_COMM_LEN);
	/* Keep the record if another thread's first read has made it, and maybe counted in it. */
	r = map_update(&processes, &pid, &process, BPF_NOEXIST);
	if (r < 0 && r != -EEXIST)
		stat_count(HB_STAT_REFUSED_PROCESSES);
	if (map_update(&considered_pids, &key, &verdict, BPF_ANY) < 0)
		stat_count(HB_STAT_REFUSED_VERDICTS);
	negative_clear(pid);
	return 1;
}

/* Judge the current process at its first read. Returns whether it is considered. */
static __always_inline bool judge(struct task_struct *task, u64 pid, char command[HB_COMM_LEN])
{
	u8 verdict = HB_NOT_CONSIDERED;

	command_of(task, command);
	if (is_listed(command)) {
		consider(task, command);
		return true;
	}
	/* BPF_NOEXIST: do not overwrite the verdict of an exec by another thread. */
	if (map_update(&considered_pids, &pid, &verdict, BPF_NOEXIST) == -E2BIG)
		stat_count(HB_STAT_REFUSED_VERDICTS);
	return false;
}

#endif
