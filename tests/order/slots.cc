// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Models the mask of open slots: runs reader/lines/slots.c itself in two readers beside the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tests/order/model.hh"
#include "tests/order/models.hh"

static unsigned long model_load(const void *word, int order);
static void model_or(const void *word, unsigned long bits, int order);
static void model_and(const void *word, unsigned long bits, int order);

/* What slots.c does to the mask, it does to the model. */
extern "C" {
#define __atomic_load_n	   model_load
#define __atomic_fetch_or  model_or
#define __atomic_fetch_and model_and
#include "reader/lines/slots.c"
}

enum { SET, CLEAR };

static const struct access accesses[] = {
	[SET] = {"reader sets its bit in one step", true},
	[CLEAR] = {"reader clears its bit in one step", true},
};

struct slots_model : rl::test_suite<slots_model, 3> {
	rl::atomic<unsigned long> open;
	rl::atomic<bool> ready;
	static slots_model *now;

	void before()
	{
		now = this;
		open($) = 0;
		ready($) = false;
	}

	void thread(unsigned int index)
	{
		struct slots slots = {};

		switch (index) {
		case 0:
			/* A reader that comes and goes. */
			set_open(&slots, 0);
			clear_open(&slots, 0);
			break;
		case 1:
			/* One that says when it is ready. */
			set_open(&slots, 1);
			ready.store(true, rl::mo_release, $);
			break;
		default:
			/* bpf/beat.bpf.h: emit() */
			if (ready.load(rl::mo_acquire, $))
				RL_ASSERT(open.load(rl::mo_relaxed, $) & 1 << 1);
		}
	}

	void after()
	{
		RL_ASSERT(open($) == 1 << 1);
	}
};

slots_model *slots_model::now;

static unsigned long model_load(const void *word, int given)
{
	(void)word;
	(void)given;
	return slots_model::now->open.load(rl::mo_seq_cst, $);
}

/* Without its order, a change is a load and a store. */
static void model_or(const void *word, unsigned long bits, int given)
{
	auto &open = slots_model::now->open;

	(void)word;
	(void)given;
	if (weakened == SET)
		open.store(open.load(rl::mo_seq_cst, $) | bits, rl::mo_seq_cst, $);
	else
		open.fetch_or(bits, rl::mo_seq_cst, $);
}

static void model_and(const void *word, unsigned long bits, int given)
{
	auto &open = slots_model::now->open;

	(void)word;
	(void)given;
	if (weakened == CLEAR)
		open.store(open.load(rl::mo_seq_cst, $) & bits, rl::mo_seq_cst, $);
	else
		open.fetch_and(bits, rl::mo_seq_cst, $);
}

bool check_slots()
{
	return check<slots_model>("slots", accesses, sizeof(accesses) / sizeof(accesses[0]));
}
