// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Models the ring: runs reader/lines/ring.c itself beside the kernel's side of a BPF ring buffer.
 */
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/order/model.hh"
#include "tests/order/models.hh"

#include <linux/bpf.h>
#include <bpf/bpf.h>

static unsigned long model_load(const void *word, int order);
static void model_store(const void *word, unsigned long value, int order);
static void model_copy(void *to, const void *from, size_t size);

/* What ring.c does to shared memory, it does to the model. */
#define __atomic_load_n	 model_load
#define __atomic_store_n model_store
#define memcpy		 model_copy
#include "reader/lines/ring.c"
#undef memcpy

enum {
	RECORDS = 2, /* in the ring */
	BEATS = 4,   /* that are sent */
	RING_SIZE = RECORDS * RECORD_SIZE,
	PAGE_MAX = 65536,
};

enum { PRODUCER_STORE, HEADER_STORE, CONSUMER_LOAD, PRODUCER_LOAD, HEADER_LOAD, CONSUMER_STORE };

static const struct access accesses[] = {
	[PRODUCER_STORE] = {"kernel stores producer position", true},
	[HEADER_STORE] = {"kernel stores header", true},
	[CONSUMER_LOAD] = {"kernel loads consumer position", true},
	[PRODUCER_LOAD] = {"reader loads producer position", true},
	[HEADER_LOAD] = {"reader loads header", true},
	[CONSUMER_STORE] = {"reader stores consumer position", true},
};

/* These are addresses only: the model has the words. */
static char consumer_page[sizeof(unsigned long)];
static char producer_page[PAGE_MAX + RING_SIZE];

struct ring_model : rl::test_suite<ring_model, 2> {
	rl::atomic<unsigned long> producer;
	rl::atomic<unsigned long> consumer;
	rl::atomic<unsigned long> headers[RECORDS];
	rl::var<uint64_t> data[RECORDS]; /* a race for it is an error */
	static ring_model *now;

	void before()
	{
		now = this;
		producer($) = 0;
		consumer($) = 0;
		for (auto &header : headers)
			header($) = 0;
	}

	void thread(unsigned int index)
	{
		if (index == 0)
			kernel();
		else
			reader();
	}

	/* kernel/bpf/ringbuf.c: __bpf_ringbuf_reserve() and bpf_ringbuf_commit() */
	void kernel()
	{
		unsigned long end = 0;

		for (uint64_t beat = 1; beat <= BEATS; beat++) {
			unsigned int slot = end / RECORD_SIZE % RECORDS;
			unsigned long start =
				consumer.load(order(CONSUMER_LOAD, rl::mo_acquire), $);

			if (end + RECORD_SIZE - start > RING_SIZE)
				continue;
			headers[slot].store(sizeof(struct hb_beat) | BPF_RINGBUF_BUSY_BIT,
					    rl::mo_relaxed, $);
			end += RECORD_SIZE;
			producer.store(end, order(PRODUCER_STORE, rl::mo_release), $);
			data[slot]($) = beat;
			headers[slot].exchange(sizeof(struct hb_beat),
					       order(HEADER_STORE, rl::mo_seq_cst), $);
		}
	}

	/* Beats arrive once and in order, and no record looks malformed. */
	void reader()
	{
		struct hb_beat beat;
		struct ring ring;
		uint64_t last = 0;
		bool busy;

		ring_attach(&ring, consumer_page, producer_page, RING_SIZE);
		for (int i = 0; i < BEATS; i++) {
			if (!ring_next(&ring, &beat, &busy))
				continue;
			RL_ASSERT(beat.time > last);
			last = beat.time;
			ring_commit(&ring, ring.position);
		}
		RL_ASSERT(ring.malformed == 0);
	}
};

ring_model *ring_model::now;

static unsigned int slot_at(const void *record)
{
	return ((const char *)record - producer_page - page_size()) / RECORD_SIZE;
}

static unsigned long model_load(const void *word, int given)
{
	rl::memory_order right = given == __ATOMIC_ACQUIRE ? rl::mo_acquire : rl::mo_relaxed;
	ring_model *model = ring_model::now;

	if (word == consumer_page)
		return model->consumer.load(right, $);
	if (word == producer_page)
		return model->producer.load(order(PRODUCER_LOAD, right), $);
	return model->headers[slot_at(word)].load(order(HEADER_LOAD, right), $);
}

static void model_store(const void *word, unsigned long value, int given)
{
	rl::memory_order right = given == __ATOMIC_RELEASE ? rl::mo_release : rl::mo_relaxed;

	(void)word;
	ring_model::now->consumer.store(value, order(CONSUMER_STORE, right), $);
}

static void model_copy(void *to, const void *from, size_t size)
{
	(void)size;
	((struct hb_beat *)to)->time =
		ring_model::now->data[slot_at((const char *)from - BPF_RINGBUF_HDR_SZ)]($);
}

bool check_ring()
{
	return check<ring_model>("ring", accesses, sizeof(accesses) / sizeof(accesses[0]));
}
