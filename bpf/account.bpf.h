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
	credit = (struct credit){copy.beats, copy.last_beat, copy.last_key, copy.opened_at};
	stat_count(HB_STAT_FOLDS_BEGUN);
	if (bpf_map_delete_elem(&processes, &pid) == 0) {
		credit_program(copy.command, &credit);
		credit.beats -= copy.beats_elsewhere;
		credit_account(copy.account_id, &credit);
	}
	stat_count(HB_STAT_FOLDS_DONE);
	return 1;
}

struct climb {
	struct cgroup *cgroup;
	struct cgroup *unrecorded; /* the highest group below @id, or NULL */
	u64 id;			   /* nearest group that has a record */
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

static __always_inline void climb_from(struct climb *climb, struct cgroup *cgroup)
{
	climb->cgroup = cgroup;
	climb->unrecorded = NULL;
	climb->id = ROOT_CGROUP_ID;
	bpf_loop(CGROUP_DEPTH_MAX, climb_one, climb, 0);
}

/* The nearest cgroup, from @cgroup up, that has a record. All have one unless the map was full. */
static __noinline u64 account_of(struct cgroup *cgroup)
{
	struct climb climb;

	climb_from(&climb, cgroup);
	return climb.id;
}

/* The process @pid is in @cgroup now: what it did so far stays with the cgroup that it left, too. */
static __noinline int move_process(u32 pid, struct cgroup *cgroup)
{
	struct hb_process *process = bpf_map_lookup_elem(&processes, &pid);
	u64 to = BPF_CORE_READ(cgroup, kn, id);
	struct credit credit;
	u64 from;

	/* Another group, or that of the process has found room for its record since. */
	if (!process || (process->cgroup_id == to && process->account_id == to))
		return 0;
	from = process->account_id;
	credit = (struct credit){process->beats, process->last_beat, process->last_key,
				 process->opened_at};
	stat_count(HB_STAT_FOLDS_BEGUN);
	process->cgroup_id = to;
	process->account_id = account_of(cgroup);
	credit.beats -= process->beats_elsewhere;
	process->beats_elsewhere += credit.beats;
	credit_account(from, &credit);
	stat_count(HB_STAT_FOLDS_DONE);
	return 0;
}

/*
 * Make the record of @cgroup, if it has none; @birth: 0: it is older than the first load. Only with a
 * record of the group above: from each record one can climb to the root. Returns whether it was made.
 */
static __noinline int add_cgroup(struct cgroup *cgroup, u64 birth)
{
	struct hb_cgroup record = {.birth = birth};
	u64 id = BPF_CORE_READ(cgroup, kn, id);
	int r = -E2BIG;

	record.parent_id = BPF_CORE_READ(cgroup, self.parent, cgroup, kn, id);
	if (record.parent_id)
		bpf_probe_read_kernel_str(record.name, sizeof(record.name),
					  BPF_CORE_READ(cgroup, kn, name));
	if (!record.parent_id || bpf_map_lookup_elem(&cgroups, &record.parent_id))
		r = map_update(&cgroups, &id, &record, BPF_NOEXIST);
	if (r == -E2BIG)
		stat_count(HB_STAT_REFUSED_CGROUPS);
	return r == 0;
}

/*
 * Give a record to the highest group without one above or at that of @task, if there is room by now.
 * Nobody knows since when it has been there, so its birth is now. A task keeps its group from being
 * removed: one that is still in it afterwards was in it all the time.
 */
static __noinline int heal_cgroup(struct task_struct *task)
{
	struct cgroup *cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp);
	struct cgroup *unrecorded;
	struct climb climb;
	u64 id;

	climb_from(&climb, cgroup);
	unrecorded = climb.unrecorded;
	if (!unrecorded)
		return 0;
	if (add_cgroup(unrecorded, bpf_ktime_get_boot_ns()) &&
	    BPF_CORE_READ(task, cgroups, dfl_cgrp) != cgroup) {
		id = BPF_CORE_READ(unrecorded, kn, id);
		bpf_map_delete_elem(&cgroups, &id);
	}
	return 0;
}

#endif
