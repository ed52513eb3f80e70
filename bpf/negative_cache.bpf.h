/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Negative cache: remembers processes whose reads are not beats.
 *
 * Nearly all reads come from such processes, and a load from memory costs a tenth of a hash lookup.
 * An entry repeats what the maps said and must not outlive that: consider(), exec and exit clear
 * the entry of their process; each collection and each pass over all tasks clears all entries.
 * "Memory order" in bpf/README.md says why the writes exchange, and the reads need no order.
 */
#ifndef HB_NEGATIVE_CACHE_BPF_H
#define HB_NEGATIVE_CACHE_BPF_H

#include "bpf/maps.bpf.h"

/* Pids that are equal modulo this share an entry. The process that loses it is looked up again. */
#define NEGATIVE_PLACES 4096

enum negative {
	/* No record in `processes`: a read of descriptor 0 may still judge the process. */
	NEGATIVE_NO_RECORD = 0,
	/* No record, and the verdict 0 in considered_pids: no read is a beat. */
	NEGATIVE_JUDGED = 1,
};

static u64 negative_cache[NEGATIVE_PLACES]; /* epoch << 32 | pid << 1 | enum negative */
static u32 negative_epoch;

static __always_inline u64 negative_entry(u32 epoch, u32 pid, enum negative what)
{
	return (u64)epoch << 32 | pid << 1 | what;
}

/* Is @pid in the cache with @what, or with more than that? */
static __always_inline bool negative_contains(u32 pid, enum negative what)
{
	u64 judged = negative_entry(negative_epoch, pid, NEGATIVE_JUDGED);
	u64 entry = negative_cache[pid % NEGATIVE_PLACES];

	return (what == NEGATIVE_JUDGED ? entry : entry | NEGATIVE_JUDGED) == judged;
}

/* Drop the entry of @pid. Change `processes` and considered_pids before calling this. */
static __always_inline void negative_clear(u32 pid)
{
	__sync_lock_test_and_set(&negative_cache[pid % NEGATIVE_PLACES], 0);
}

static __always_inline void negative_clear_all(void)
{
	__sync_fetch_and_add(&negative_epoch, 1);
}

/*
 * Remember @what (enum negative) about @pid.
 *
 * @epoch: the value of negative_epoch before the maps were read. Another thread may have made a
 * record since then and have cleared the entry before this wrote it, so look up the record again.
 */
__noinline int negative_remember(u32 pid, u32 epoch, u32 what)
{
	__sync_lock_test_and_set(&negative_cache[pid % NEGATIVE_PLACES],
				 negative_entry(epoch, pid, what & 1));
	if (bpf_map_lookup_elem(&processes, &pid))
		negative_clear(pid);
	return 0;
}

#endif
