// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Runs a model on a simulated processor that may reorder memory accesses as far as their orders permit,
 * through all interleavings within a bound: once as the code is, and once with each order weakened.
 */
#ifndef HB_TESTS_MODEL_HH
#define HB_TESTS_MODEL_HH

#include <cstdio>
#include <iostream>

#include <relacy/relacy.hpp>

struct access {
	const char *name;
	/* Without its order, the model fails. Otherwise another order serves for it. */
	bool needed;
};

/* The access whose order is missing in this run; -1: none. */
static int weakened;

static inline rl::memory_order order(int access, rl::memory_order right)
{
	return access == weakened ? rl::mo_relaxed : right;
}

/* The kernel's smp_mb(), and each half of an atomic instruction of BPF that fetches. */
static inline void barrier(int access)
{
	if (access != weakened)
		rl::atomic_thread_fence(rl::mo_seq_cst, $);
}

/* Of a model that has to fail, nobody wants to know how. (Relacy replaces the allocation of memory, which
 * streams to a string do not survive.) */
struct nowhere : std::streambuf {
	int overflow(int c)
	{
		return c;
	}
};

/* Returns whether @Model holds if it has to. */
template <typename Model> bool check(const char *name, const struct access *accesses, int count)
{
	struct nowhere buffer;
	std::ostream nowhere(&buffer);
	bool passed = true;

	for (weakened = -1; weakened < count; weakened++) {
		bool expected = weakened < 0 || !accesses[weakened].needed;
		rl::test_params params;
		bool held;

		params.search_type = rl::sched_bound;
		params.context_bound = 4;
		params.iteration_count = 10000000;
		params.output_stream = expected ? &std::cout : &nowhere;
		params.progress_stream = &nowhere;
		held = rl::simulate<Model>(params);
		std::printf("%s, %s: %s after %lu interleavings, as %s\n", name,
			    weakened < 0 ? "as it is" : accesses[weakened].name,
			    held ? "holds" : "fails", (unsigned long)params.stop_iteration,
			    held == expected ? "it should" : "it should NOT");
		passed = passed && held == expected;
	}
	return passed;
}

#endif
