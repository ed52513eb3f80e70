// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "reader/lines/ring.h"

/* A record starts at a multiple of 8 and ends padded to one. */
#define RECORD_ALIGNED(size) (((size) + 7UL) & ~7UL)

/* All records are beats, so that all of them begin at a multiple of this. */
#define RECORD_SIZE RECORD_ALIGNED(BPF_RINGBUF_HDR_SZ + sizeof(struct hb_beat))

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static bool is_sane(const struct ring *ring, unsigned long end)
{
	return end - ring->position <= ring->size && ring->position % RECORD_SIZE == 0;
}

/*
 * Any user who may read a ring may also move its consumer position. If that position or a record
 * does not make sense, the start of the next record is unknown: skip all records until now.
 */
static void resync(struct ring *ring, unsigned long end)
{
	unsigned long skipped = end - ring->position;

	ring->malformed += skipped <= ring->size ? skipped / RECORD_SIZE + 1 : 1;
	ring->position = end;
}

void ring_attach(struct ring *ring, void *consumer_page, const void *producer_page, size_t size)
{
	unsigned long end;

	*ring = (struct ring){
		.consumer = consumer_page,
		.producer = producer_page,
		.data = (const char *)producer_page + page_size(),
		.size = size,
	};
	ring->position = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
	end = ring_end(ring);
	if (!is_sane(ring, end))
		resync(ring, end);
}

int ring_map(struct ring *ring, int fd)
{
	struct bpf_map_info info = {};
	uint32_t length = sizeof(info);
	size_t page = page_size();
	void *consumer;
	void *producer;
	int r;

	if (bpf_obj_get_info_by_fd(fd, &info, &length) < 0)
		return -errno;
	consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	producer =
		mmap(NULL, page + 2UL * info.max_entries, PROT_READ, MAP_SHARED, fd, (off_t)page);
	if (producer == MAP_FAILED) {
		r = -errno;
		munmap(consumer, page);
		return r;
	}
	ring_attach(ring, consumer, producer, info.max_entries);
	return 0;
}

void ring_unmap(struct ring *ring)
{
	if (!ring->consumer)
		return;
	munmap(ring->consumer, page_size());
	munmap((void *)ring->producer, page_size() + 2 * ring->size);
	ring->consumer = NULL;
}

unsigned long ring_end(const struct ring *ring)
{
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
}

bool ring_next(struct ring *ring, struct hb_beat *beat, bool *busy)
{
	unsigned long end = ring_end(ring);

	*busy = false;
	if (end - ring->position > ring->size)
		resync(ring, end);
	while (ring->position != end) {
		const char *record = ring->data + (ring->position & (ring->size - 1));
		uint32_t header = __atomic_load_n((const uint32_t *)record, __ATOMIC_ACQUIRE);
		uint32_t length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		unsigned long taken = RECORD_ALIGNED(BPF_RINGBUF_HDR_SZ + (unsigned long)length);

		if (header & BPF_RINGBUF_BUSY_BIT) {
			*busy = true;
			return false;
		}
		if (taken > end - ring->position) {
			resync(ring, end);
			return false;
		}
		ring->position += taken;
		if (header & BPF_RINGBUF_DISCARD_BIT)
			continue;
		if (length != sizeof(*beat)) {
			ring->malformed++;
			continue;
		}
		memcpy(beat, record + BPF_RINGBUF_HDR_SZ, sizeof(*beat));
		return true;
	}
	return false;
}

void ring_commit(struct ring *ring, unsigned long position)
{
	__atomic_store_n(ring->consumer, position, __ATOMIC_RELEASE);
}

bool ring_is_at(const struct ring *ring, unsigned long position)
{
	return __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE) == position;
}

void ring_clear(struct ring *ring)
{
	ring->position = ring_end(ring);
	ring_commit(ring, ring->position);
}
