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

#include "bpf/account.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/negative_cache.bpf.h"
#include "bpf/terminal.bpf.h"

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

/* A process of 32-bit code has no addresses beyond 4 GiB. */
static __always_inline bool is_32bit(struct task_struct *task)
{
	u64 size = BPF_CORE_READ(task, mm, task_size);

	return size != 0 && size <= 1ULL << 32;
}

/*
 * Is @task's program, called @command, watched before it reads a key? With `*` that is one at a
 * terminal whose keys the hook cannot see: nobody knows whether it is in use.
 */
static __always_inline bool is_watched(struct task_struct *task, const char *command)
{
	if (is_listed(command))
		return true;
	return any_program && hook == HB_METHOD_TRACEPOINT && is_32bit(task) && has_terminal(task);
}

/*
 * Boot time of the last record that found no room in `processes`, until a collection has seen that
 * every watched process has one; 0: all have. Meanwhile each read is judged by name, so that nothing
 * is missed.
 */
static u64 unrecorded_since;

/*
 * Record that @task's process is watched: `processes` first, so that a reader that sees the public
 * verdict finds the record. @opened_at: as in struct hb_process.
 */
static __noinline int consider(struct task_struct *task, const char *command, u64 opened_at)
{
	struct hb_process process = {};
	struct credit credit = {};
	u8 verdict = HB_CONSIDERED;
	struct cgroup *cgroup;
	u32 pid;
	u64 key;
	int r;

	if (!task || !command)
		return 0;
	pid = (u32)BPF_CORE_READ(task, tgid);
	key = pid;
	cgroup = cgroup_of(task);
	process.start = BPF_CORE_READ(task, group_leader, start_boottime);
	process.opened_at = opened_at;
	process.cgroup_id = BPF_CORE_READ(cgroup, kn, id);
	process.account_id = account_of(cgroup);
	process.seen = bpf_ktime_get_boot_ns();
	process.uid = BPF_CORE_READ(task, cred, uid.val);
	process.tty = tty_of(task);
	process.flags =
		(is_32bit(task) ? HB_PROCESS_32BIT : 0) | (unrecorded_since ? HB_PROCESS_LATE : 0);
	__builtin_memcpy(process.command, command, HB_COMM_LEN);
	/* Keep the record if another thread's first read has made it, and maybe counted in it. */
	r = map_update(&processes, &pid, &process, BPF_NOEXIST);
	if (r < 0 && r != -EEXIST) {
		unrecorded_since = bpf_ktime_get_boot_ns();
		stat_count(HB_STAT_REFUSED_PROCESSES);
		credit.opened_at = opened_at;
		credit_program(process.command, &credit);
		credit_account(process.account_id, &credit);
	}
	if (map_update(&considered_pids, &key, &verdict, BPF_ANY) < 0)
		stat_count(HB_STAT_REFUSED_VERDICTS);
	negative_clear(pid);
	return 1;
}

/* Drop the record and the verdict of a process that is not watched any more. */
static __always_inline void unconsider(u32 pid)
{
	u64 key = pid;

	forget_process(pid);
	bpf_map_delete_elem(&considered_pids, &key);
	negative_clear(pid);
}

static __always_inline bool is_same(const char a[HB_COMM_LEN], const char b[HB_COMM_LEN])
{
	const u64 *x = (const u64 *)a;
	const u64 *y = (const u64 *)b;

	return x[0] == y[0] && x[1] == y[1];
}

/* When @task's program counts as opened, if that was at @time: never without a terminal. */
static __always_inline u64 opened_at(struct task_struct *task, u64 time)
{
	return has_terminal(task) ? time : 0;
}

/* The process @pid, whose leader is @task, has taken the name @command. */
static __noinline int rename_process(struct task_struct *task, u32 pid, const char *command)
{
	struct hb_process *process = bpf_map_lookup_elem(&processes, &pid);
	u32 flags = HB_PROCESS_RENAMED;
	u64 last_key = 0;
	bool listed;
	u64 opened;

	if (!command || (process && is_same(process->command, command)))
		return 0;
	listed = is_listed(command);
	if (process && any_program && !listed && !is_listed(process->command)) {
		/* Both count as the same program. */
		__builtin_memcpy(process->command, command, HB_COMM_LEN);
		return 0;
	}
	if (!listed && !(process && any_program)) {
		if (process)
			unconsider(pid);
		return 0;
	}
	if (process) {
		opened = process->opened_at;
		last_key = process->last_key;
		flags = process->flags & HB_PROCESS_RENAMED;
		forget_process(pid);
	} else {
		opened = opened_at(task, BPF_CORE_READ(task, start_boottime));
	}
	consider(task, command, opened);
	process = bpf_map_lookup_elem(&processes, &pid);
	if (process) {
		raise_to(&process->last_key, last_key);
		process->flags |= flags;
	}
	return 0;
}

#endif
