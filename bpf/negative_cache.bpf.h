/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The quiet: processes that were found not to beat. Nearly all reads are theirs, and a look at
 * memory costs a tenth of a look-up in a hash.
 *
 * This remembers what the maps said and is true for no longer than they would be: consider(), exec
 * and exit clear a process's place, each collection and each pass over all tasks clears all places.
 */
#ifndef HB_NEGATIVE_CACHE_BPF_H
#define HB_NEGATIVE_CACHE_BPF_H

#include "bpf/maps.bpf.h"

/* Processes whose pids have these bits in common share a place; who loses it is looked up again. */
#define NEGATIVE_PLACES 4096

enum negative {
	NEGATIVE_NO_RECORD =
		0,	     /* none in `processes`: only a read of descriptor 0 may change that */
	NEGATIVE_JUDGED = 1, /* and considered_pids has the verdict 0: no read beats */
};

static u64 negative_cache[NEGATIVE_PLACES]; /* epoch << 32 | pid << 1 | enum negative */
static u32 negative_epoch;

static __always_inline u64 negative_entry(u32 epoch, u32 pid, enum negative what)
{
	return (u64)epoch << 32 | pid << 1 | what;
}

/* Is it known of @pid that it is quiet, in this sense at least? */
static __always_inline bool negative_contains(u32 pid, enum negative what)
{
	u64 judged = negative_entry(negative_epoch, pid, NEGATIVE_JUDGED);
	u64 entry = negative_cache[pid % NEGATIVE_PLACES];

	return (what == NEGATIVE_JUDGED ? entry : entry | NEGATIVE_JUDGED) == judged;
}

/* No longer so: called when `processes` and considered_pids say it already. */
static __always_inline void negative_clear(u32 pid)
{
	__sync_lock_test_and_set(&negative_cache[pid % NEGATIVE_PLACES], 0);
}

static __always_inline void negative_clear_all(void)
{
	__sync_fetch_and_add(&negative_epoch, 1);
}

/*
 * @epoch: from before the maps were asked. Another thread may have made a record since then, and
 * have cleared the place before it was written: so look again.
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
