// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Models what the BPF programs do among themselves and with readers of the maps. Maps are words that
 * the kernel accesses without any order: its locks are not relied on.
 */
#include "tests/order/model.hh"
#include "tests/order/models.hh"

/* --- Counts that move: bpf/account.bpf.h and reader/maps/snapshot.c ----------------------------- */

enum { BEGUN, DONE, FIRST, SETTLED, LAST };

static const struct access moves[] = {
	[BEGUN] = {"kernel counts a move that begins", true},
	[DONE] = {"kernel counts a move that is done", true},
	[FIRST] = {"reader loads the counts before the maps", true},
	[SETTLED] = {"reader loads what is done before what has begun", true},
	[LAST] = {"reader loads the counts after the maps", true},
};

struct moves_model : rl::test_suite<moves_model, 2> {
	rl::atomic<int> begun;
	rl::atomic<int> done;
	rl::atomic<int> process; /* the key in the record of the process */
	rl::atomic<int> cgroup;	 /* the same in that of its cgroup */

	void before()
	{
		begun($) = 0;
		done($) = 0;
		process($) = 1;
		cgroup($) = 0;
	}

	void thread(unsigned int index)
	{
		if (index == 0)
			forget_process();
		else
			read_records();
	}

	void count(rl::atomic<int> &counter, int access)
	{
		barrier(access);
		counter.fetch_add(1, rl::mo_relaxed, $);
		barrier(access);
	}

	void forget_process()
	{
		count(begun, BEGUN);
		process.store(0, rl::mo_relaxed, $);
		cgroup.store(1, rl::mo_relaxed, $);
		count(done, DONE);
	}

	/* A complete picture lacks no key. An exact one has it once. */
	void read_records()
	{
		int begun_before = begun.load(rl::mo_relaxed, $);
		int done_before = done.load(rl::mo_relaxed, $);
		barrier(FIRST);
		int in_process = process.load(rl::mo_relaxed, $);
		int done_now = done.load(rl::mo_relaxed, $);
		barrier(SETTLED);
		bool complete = done_now == begun.load(rl::mo_relaxed, $);
		int in_cgroup = cgroup.load(rl::mo_relaxed, $);
		barrier(LAST);
		int begun_after = begun.load(rl::mo_relaxed, $);

		if (complete)
			RL_ASSERT(in_process || in_cgroup);
		if (complete && begun_before == done_before && begun_before == begun_after)
			RL_ASSERT(in_process + in_cgroup == 1);
	}
};

bool check_moves()
{
	return check<moves_model>("moves", moves, sizeof(moves) / sizeof(moves[0]));
}

/* --- The negative cache: bpf/negative_cache.bpf.h ----------------------------------------------- */

enum { CONSIDER, REMEMBER, TAKE_BACK };

static const struct access cache[] = {
	[CONSIDER] = {"consider() clears the entry", true},
	[REMEMBER] = {"negative_remember() writes the entry", true},
	/* It only follows what it depends on. */
	[TAKE_BACK] = {"negative_remember() takes it back", false},
};

struct cache_model : rl::test_suite<cache_model, 2> {
	rl::atomic<int> record;
	rl::atomic<int> entry;

	void before()
	{
		record($) = 0;
		entry($) = 0;
	}

	void exchange(int value, int access)
	{
		barrier(access);
		if (access == weakened)
			entry.store(value, rl::mo_relaxed, $);
		else
			entry.exchange(value, rl::mo_relaxed, $);
		barrier(access);
	}

	void thread(unsigned int index)
	{
		if (index == 0) {
			record.store(1, rl::mo_relaxed, $);
			exchange(0, CONSIDER);
		} else if (!record.load(rl::mo_relaxed, $)) {
			exchange(1, REMEMBER);
			if (record.load(rl::mo_relaxed, $))
				exchange(0, TAKE_BACK);
		}
	}

	/* No entry says that there is no record while there is one. */
	void after()
	{
		RL_ASSERT(!record($) || !entry($));
	}
};

bool check_negative_cache()
{
	return check<cache_model>("negative cache", cache, sizeof(cache) / sizeof(cache[0]));
}
