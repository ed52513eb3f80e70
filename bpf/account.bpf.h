/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps the accounts: adds what processes did to the records of their programs and cgroups.
 *
 * A living process counts in its own record. When it ends, runs another program or moves to another
 * cgroup, what it did is added to its program and cgroup ("folded"). When a cgroup is removed, its
 * record is folded into that of its parent. So no activity ever disappears.
 */
#ifndef HB_ACCOUNT_BPF_H
#define HB_ACCOUNT_BPF_H

#include <linux/errno.h>

#include "bpf/maps.bpf.h"

/* What one record adds to another. */
struct credit {
	u64 beats;
	u64 last_beat;
	u64 last_key;
	u64 opened_at;
};

static __always_inline void raise_to(u64 *time, u64 to)
{
	if (*time < to)
		*time = to;
}

static __always_inline void credit_program(const char *command, const struct credit *credit)
{
	char any[HB_COMM_LEN] = HB_ANY_PROGRAM;
	struct hb_program *program = bpf_map_lookup_elem(&programs, command);

	if (!program && any_program)
		program = bpf_map_lookup_elem(&programs, any);
	if (!program)
		return;
	__sync_fetch_and_add(&program->beats, credit->beats);
	raise_to(&program->last_beat, credit->last_beat);
	raise_to(&program->last_key, credit->last_key);
	raise_to(&program->opened_at, credit->opened_at);
}

/* Returns false if the cgroup has no record: it found no room, or was removed. */
static __always_inline bool credit_cgroup(u64 id, const struct credit *credit)
{
	struct hb_cgroup *cgroup = bpf_map_lookup_elem(&cgroups, &id);

	if (!cgroup)
		return false;
	__sync_fetch_and_add(&cgroup->beats, credit->beats);
	raise_to(&cgroup->last_beat, credit->last_beat);
	raise_to(&cgroup->last_key, credit->last_key);
	raise_to(&cgroup->opened_at, credit->opened_at);
	return true;
}

/*
 * The cgroup of a process that ended unseen, on a kernel that skips preempted programs, may be gone
 * before the process is found to be dead. The root gets what it did, and the time is kept, so that
 * nobody says "idle" of another cgroup on the strength of records that lack it.
 */
static __always_inline void credit_account(u64 id, const struct credit *credit)
{
	u32 stat = HB_STAT_UNPLACED_AT;
	u64 *latest;

	if (credit_cgroup(id, credit))
		return;
	credit_cgroup(ROOT_CGROUP_ID, credit);
	latest = bpf_map_lookup_elem(&stats, &stat);
	if (!latest)
		return;
	raise_to(latest, credit->last_beat);
	raise_to(latest, credit->last_key);
	raise_to(latest, credit->opened_at);
}

/* What @process did so far, wherever it was. */
static __always_inline struct credit credit_of(const struct hb_process *process)
{
	struct credit credit = {process->beats, process->last_beat, process->last_key,
				process->opened_at};

	/* Nobody saw what it read: it may have been in use until now. */
	if (process->flags & HB_PROCESS_32BIT && hook == HB_METHOD_TRACEPOINT && credit.opened_at)
		credit.opened_at = bpf_ktime_get_boot_ns();
	return credit;
}

/*
 * Drop the record of a watched process, and keep what it did. The record is copied first, because
 * the memory of a deleted one may be in use again at once (hashes that allocate as they fill, Linux
 * 6.1); only the one that deletes it may credit it. Returns whether there was a record.
 */
__noinline int forget_process(u32 pid)
{
	struct hb_process *process = bpf_map_lookup_elem(&processes, &pid);
	struct hb_process copy;
	struct credit credit;

	if (!process)
		return 0;
	copy = *process;
	credit = credit_of(&copy);
	stat_count_in_order(HB_STAT_FOLDS_BEGUN);
	if (bpf_map_delete_elem(&processes, &pid) == 0) {
		credit_program(copy.command, &credit);
		credit.beats -= copy.beats_elsewhere;
		credit_account(copy.account_id, &credit);
	}
	stat_count_in_order(HB_STAT_FOLDS_DONE);
	return 1;
}

struct climb {
	struct cgroup *cgroup;
	u64 id;			   /* the answer */
	struct cgroup *unrecorded; /* the last one below it, or NULL */
};

static long climb_one(u32 level, struct climb *climb)
{
	struct cgroup *cgroup = climb->cgroup;
	u64 id = BPF_CORE_READ(cgroup, kn, id);

	if (id == ROOT_CGROUP_ID || bpf_map_lookup_elem(&cgroups, &id)) {
		climb->id = id;
		return 1;
	}
	climb->unrecorded = cgroup;
	climb->cgroup = BPF_CORE_READ(cgroup, self.parent, cgroup);
	return climb->cgroup == NULL;
}

/* The nearest cgroup, from @cgroup up, that has a record. All have one unless the map was full. */
static __noinline u64 account_of(struct cgroup *cgroup)
{
	struct climb climb = {.cgroup = cgroup, .id = ROOT_CGROUP_ID};

	bpf_loop(CGROUP_DEPTH_MAX, climb_one, &climb, 0);
	return climb.id;
}

/*
 * The cgroup of @task's process: that of its first thread. A thread that has ended is moved no more,
 * so @task, another thread, stands for it then.
 */
static __always_inline struct cgroup *cgroup_of(struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	if (BPF_CORE_READ(leader, flags) & PF_EXITING)
		leader = task;
	return BPF_CORE_READ(leader, cgroups, dfl_cgrp);
}

/*
 * The process @pid is in @cgroup now: what it did so far stays with the cgroup that it left, too. The
 * account may also change because its cgroup has a record by now.
 */
static __noinline int move_process(u32 pid, struct cgroup *cgroup)
{
	struct hb_process *process = bpf_map_lookup_elem(&processes, &pid);
	u64 to = BPF_CORE_READ(cgroup, kn, id);
	u64 account = account_of(cgroup);
	struct credit credit;
	u64 from;

	if (!process || (process->cgroup_id == to && process->account_id == account))
		return 0;
	from = process->account_id;
	credit = credit_of(process);
	stat_count_in_order(HB_STAT_FOLDS_BEGUN);
	process->cgroup_id = to;
	process->account_id = account;
	credit.beats -= process->beats_elsewhere;
	process->beats_elsewhere += credit.beats;
	credit_account(from, &credit);
	stat_count_in_order(HB_STAT_FOLDS_DONE);
	return 0;
}

/* Some cgroup has no record: collections look for those that processes are in. */
static bool cgroups_refused;

/* Records of cgroups that ordinary users own. */
static u64 cgroups_of_users;

/*
 * Make the record of @cgroup, if it has none; @birth: 0: it is older than the first load. A cgroup
 * below one without a record gets none, so that no record is cut off from the root.
 */
static __noinline int add_cgroup(struct cgroup *cgroup, u64 birth)
{
	struct hb_cgroup record = {.birth = birth};
	u64 id = BPF_CORE_READ(cgroup, kn, id);
	int r = 0;

	record.parent_id = BPF_CORE_READ(cgroup, self.parent, cgroup, kn, id);
	if (record.parent_id) {
		if (!bpf_map_lookup_elem(&cgroups, &record.parent_id)) {
			cgroups_refused = true;
			return 0;
		}
		bpf_probe_read_kernel_str(record.name, sizeof(record.name),
					  BPF_CORE_READ(cgroup, kn, name));
	}
	record.uid = BPF_CORE_READ(cgroup, kn, iattr, ia_uid.val);
	if (record.uid && cgroups_of_users >= HB_CGROUPS_OF_USERS_MAX)
		r = -E2BIG;
	else
		r = map_update(&cgroups, &id, &record, BPF_NOEXIST);
	if (r == -E2BIG) {
		cgroups_refused = true;
		stat_count(HB_STAT_REFUSED_CGROUPS);
	} else if (r == 0 && record.uid) {
		__sync_fetch_and_add(&cgroups_of_users, 1);
	}
	return r == 0;
}

struct handover {
	u64 from;
	u64 to;
	struct credit *credit;
};

/*
 * A process may still count in the cgroup @handover->from: its first thread ended while others are
 * elsewhere, or it ended unseen, on a kernel that skips preempted programs.
 */
static long hand_over(struct bpf_map *map, u32 *pid, struct hb_process *process,
		      struct handover *handover)
{
	if (process->account_id != handover->from)
		return 0;
	process->cgroup_id = handover->to;
	process->account_id = handover->to;
	raise_to(&handover->credit->last_beat, process->last_beat);
	raise_to(&handover->credit->last_key, process->last_key);
	raise_to(&handover->credit->opened_at, process->opened_at);
	return 0;
}

/* @cgroup is gone: its nearest ancestor with a record gets what happened in it. */
static __noinline int remove_cgroup(struct cgroup *cgroup)
{
	u64 id = BPF_CORE_READ(cgroup, kn, id);
	struct hb_cgroup *record = bpf_map_lookup_elem(&cgroups, &id);
	struct handover handover = {.from = id};
	struct credit credit;

	if (!record)
		return 0;
	credit = (struct credit){record->beats, record->last_beat, record->last_key,
				 record->opened_at};
	if (record->uid && cgroups_of_users)
		__sync_fetch_and_add(&cgroups_of_users, -1);
	stat_count_in_order(HB_STAT_FOLDS_BEGUN);
	bpf_map_delete_elem(&cgroups, &id);
	handover.to = account_of(BPF_CORE_READ(cgroup, self.parent, cgroup));
	handover.credit = &credit;
	bpf_for_each_map_elem(&processes, hand_over, &handover, 0);
	credit_account(handover.to, &credit);
	stat_count_in_order(HB_STAT_FOLDS_DONE);
	return 0;
}

static long record_topmost(u32 turn, struct cgroup **cgroup)
{
	struct climb climb = {.cgroup = *cgroup};
	struct cgroup *topmost;

	bpf_loop(CGROUP_DEPTH_MAX, climb_one, &climb, 0);
	topmost = climb.unrecorded;
	if (!topmost || !add_cgroup(topmost, bpf_ktime_get_boot_ns()))
		return 1;
	/* The hook on its removal may have come before the record. */
	if (!(BPF_CORE_READ(topmost, self.flags) & CSS_ONLINE))
		remove_cgroup(topmost);
	return 0;
}

/*
 * Record @cgroup, and what is above it, if they found no room before. Nobody knows what happened in
 * them, as others got the counts: idle time counts from now.
 */
static __always_inline void record_refused(struct cgroup *cgroup)
{
	if (cgroups_refused)
		bpf_loop(CGROUP_LEVELS_REPAIRED, record_topmost, &cgroup, 0);
}

#endif
