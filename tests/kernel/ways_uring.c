// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reads with io_uring, without its library: a ring with room for one request. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/io_uring.h>

#include "tests/kernel/ways.h"
#include "tests/lib/program.h"

static struct {
	int fd;
	struct io_uring_params params;
	uint8_t *rings;
	struct io_uring_sqe *entries;
} uring = {.fd = -1};

static void *map_part(size_t size, off_t offset)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, uring.fd,
			    offset);

	if (memory == MAP_FAILED)
		die("io_uring memory");
	return memory;
}

static void open_uring(void)
{
	const struct io_uring_params *params = &uring.params;

	uring.fd = (int)syscall(SYS_io_uring_setup, 1, &uring.params);
	if (uring.fd < 0)
		skip("io_uring");
	uring.rings =
		map_part(params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe),
			 IORING_OFF_SQ_RING);
	uring.entries = map_part(sizeof(struct io_uring_sqe), IORING_OFF_SQES);
}

static uint32_t *word(uint32_t offset)
{
	return (uint32_t *)(void *)(uring.rings + offset);
}

static long read_key(int fd, uint8_t flags)
{
	const struct io_uring_cqe *completions;
	static char key;
	uint32_t head;

	if (uring.fd < 0)
		open_uring();
	memset(uring.entries, 0, sizeof(*uring.entries));
	uring.entries->opcode = IORING_OP_READ;
	uring.entries->flags = flags;
	uring.entries->fd = fd;
	uring.entries->addr = (uintptr_t)&key;
	uring.entries->len = 1;
	uring.entries->off = (uint64_t)-1;
	*word(uring.params.sq_off.array) = 0;
	__atomic_fetch_add(word(uring.params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, uring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -errno;
	completions = (const void *)(uring.rings + uring.params.cq_off.cqes);
	head = *word(uring.params.cq_off.head);
	while (__atomic_load_n(word(uring.params.cq_off.tail), __ATOMIC_ACQUIRE) == head)
		;
	__atomic_store_n(word(uring.params.cq_off.head), head + 1, __ATOMIC_RELEASE);
	return completions[head & *word(uring.params.cq_off.ring_mask)].res;
}

long ways_uring(int fd)
{
	return read_key(fd, 0);
}

long ways_uring_worker(int fd)
{
	return read_key(fd, IOSQE_ASYNC);
}
