/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counts a heartbeat and sends it to the open readers.
 *
 * The count in the maps is never lost. A ring may be full; then its slot's loss is counted.
 */
#ifndef HB_BEAT_BPF_H
#define HB_BEAT_BPF_H

#include "bpf/account.bpf.h"
#include "bpf/judge.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/negative_cache.bpf.h"

/*
 * Find the lowest set bit with a de Bruijn sequence, because BPF has no instruction for it. The
 * table is volatile: otherwise clang moves it to a section of mergeable constants, and its place
 * no longer matches BTF.
 */
static const volatile u8 bit_position[32] = {
	0,  1,	28, 2,	29, 14, 24, 3, 30, 22, 20, 15, 25, 17, 4,  8,
	31, 27, 13, 23, 21, 19, 16, 7, 26, 12, 18, 6,  11, 5,  10, 9,
};

static __always_inline u32 lowest_bit(u32 mask)
{
	return bit_position[((mask & -mask) * 0x077cb531U) >> 27 & 31];
}

struct emission {
	u32 mask; /* slots that have not got the beat yet */
	struct hb_beat *beat;
};

/* A bpf_loop() callback: the verifier checks it once instead of 32 times. */
static long emit_to_next(u32 turn, struct emission *emission)
{
	u32 slot = lowest_bit(emission->mask);
	void *ring = bpf_map_lookup_elem(&rings, &slot);
	u64 *count;

	emission->mask &= emission->mask - 1;
	if (ring && bpf_ringbuf_output(ring, emission->beat, sizeof(*emission->beat), 0) < 0) {
		count = bpf_map_lookup_elem(&lost, &slot);
		if (count)
			__sync_fetch_and_add(count, 1);
	}
	return emission->mask == 0;
}

/* Send @beat to the ring of each slot in @mask. */
__noinline int emit_to(u32 mask, struct hb_beat *beat)
{
	struct emission emission = {.mask = mask, .beat = beat};

	if (beat && mask)
		bpf_loop(HB_READERS_MAX, emit_to_next, &emission, 0);
	return 0;
}

static __always_inline void emit(struct hb_beat *beat)
{
	u32 zero = 0;
	u64 *mask = bpf_map_lookup_elem(&open, &zero);

	if (mask && *mask)
		emit_to((u32)*mask, beat);
}

/* Count a beat of the current process, whose record is @process. */
static __always_inline void beat(struct hb_process *process, u32 pid, u32 flags)
{
	struct hb_beat record = {
		.time = bpf_ktime_get_boot_ns(),
		.pid = pid,
		.flags = flags,
	};
	u64 cgroup = bpf_get_current_cgroup_id();

	if (process->cgroup_id != cgroup) {
		move_cgroup(pid, cgroup);
		remember_cgroup(cgroup);
	}
	process->last_beat = record.time;
	if (flags & HB_BEAT_KEY)
		process->last_key = record.time;
	record.seq = __sync_fetch_and_add(&process->beats, 1) + 1;
	if (record.seq == 1)
		remember_cgroup(cgroup);
	emit(&record);
}

/* Count a beat of a considered process whose record did not fit into `processes`. */
static __always_inline void beat_unrecorded(const char *command, u32 pid, u32 flags)
{
	struct hb_beat record = {
		.time = bpf_ktime_get_boot_ns(),
		.pid = pid,
		.flags = flags,
	};
	u64 cgroup = bpf_get_current_cgroup_id();

	remember_cgroup(cgroup);
	credit_program(command, 1, record.time);
	credit_cgroup(cgroup, 1, record.time, flags & HB_BEAT_KEY ? record.time : 0);
	emit(&record);
}

/*
 * Handle a read by a process that has no record in `processes`: judge the process, and count the
 * beat if it is considered.
 *
 * @beats: whether the read is a beat if the process is considered. If not, only judge it, so that
 * the negative cache can skip its next reads.
 */
__noinline int judge_and_beat(u32 pid, u32 flags, bool beats)
{
	char command[HB_COMM_LEN];
	struct hb_process *process;
	u32 epoch = negative_epoch;
	u64 key = pid;
	u8 *verdict;

	verdict = bpf_map_lookup_elem(&considered_pids, &key);
	if (verdict && *verdict == HB_NOT_CONSIDERED)
		return negative_remember(pid, epoch, NEGATIVE_JUDGED);
	if (!judge(bpf_get_current_task_btf(), key, command) || !beats)
		return 0;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (process)
		beat(process, pid, flags);
	else
		beat_unrecorded(command, pid, flags);
	return 0;
}

#endif
