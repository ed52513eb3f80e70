/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counts a heartbeat and sends it to the open readers.
 *
 * The count in the maps is never lost. A ring may be full; then its slot's loss is counted.
 */
#ifndef HB_BEAT_BPF_H
#define HB_BEAT_BPF_H

#include <linux/errno.h>

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

/* What a read was, beside one of a watched process. */
struct read {
	bool stdin; /* of descriptor 0 by read(2) */
	bool key;   /* a terminal returned bytes */
};

/* Is it a heartbeat? A key counts as activity whether it is or not. */
static __always_inline bool is_beat(const struct read *read)
{
	if (rule == HB_RULE_KEYS)
		return read->key;
	return read->stdin || (rule == HB_RULE_ANY && read->key);
}

/* Count a read of the current process, whose record is @process. */
static __always_inline void count(struct hb_process *process, u32 pid, const struct read *read)
{
	struct hb_beat beat = {
		.time = bpf_ktime_get_boot_ns(),
		.pid = pid,
		.flags = read->key ? HB_BEAT_KEY : 0,
	};

	if (read->key)
		process->last_key = beat.time;
	if (!is_beat(read))
		return;
	process->last_beat = beat.time;
	beat.seq = __sync_fetch_and_add(&process->beats, 1) + 1;
	emit(&beat);
}

/* Count a read of a watched process for whose record there was no room: it is not lost either. */
static __noinline int count_unrecorded(const char *command, u32 pid, const struct read *read)
{
	struct hb_beat beat = {
		.time = bpf_ktime_get_boot_ns(),
		.pid = pid,
		.flags = read->key ? HB_BEAT_KEY : 0,
	};
	struct credit credit = {.last_key = read->key ? beat.time : 0};
	struct task_struct *task = bpf_get_current_task_btf();

	if (is_beat(read)) {
		credit.beats = 1;
		credit.last_beat = beat.time;
	}
	credit_program(command, &credit);
	credit_account(account_of(cgroup_of(task)), &credit);
	if (credit.beats)
		emit(&beat);
	return 0;
}

/*
 * A read by a process that has no record: judge it by its name. One that reads descriptor 0 and is
 * not watched gets the verdict 0, so that it is known from then on.
 */
__noinline int judge_and_count(u32 pid, bool stdin, bool key)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct read read = {.stdin = stdin, .key = key};
	u8 verdict = HB_NOT_CONSIDERED;
	struct hb_process *process;
	char command[HB_COMM_LEN];
	u32 epoch = negative_epoch;
	u64 id = pid;

	command_of(task, command);
	if (!is_listed(command) && !(any_program && key)) {
		/* BPF_NOEXIST: must not overwrite what another thread's exec found meanwhile. */
		if (stdin && map_update(&considered_pids, &id, &verdict, BPF_NOEXIST) == -E2BIG)
			stat_count(HB_STAT_REFUSED_VERDICTS);
		return negative_remember(pid, epoch, NEGATIVE_JUDGED);
	}
	consider(task, command, opened_at(task, BPF_CORE_READ(task, group_leader, start_boottime)));
	process = bpf_map_lookup_elem(&processes, &pid);
	if (process)
		count(process, pid, &read);
	else
		count_unrecorded(command, pid, &read);
	return 0;
}

#endif
