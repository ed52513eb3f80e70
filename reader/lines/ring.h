/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The reading side of a BPF ring buffer of beats. By hand, not with libbpf's ring_buffer: that one
 * gives a record back to the kernel when it was looked at, this one when its line was written, so
 * that a reader which is killed loses nothing.
 */
#ifndef HB_READER_RING_H
#define HB_READER_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"

struct ring {
	unsigned long *consumer; /* shared with the kernel: what is before may be overwritten */
	const unsigned long *producer; /* shared with the kernel: records begin before this */
	const char *data;	       /* @size bytes, twice in a row */
	size_t size;		       /* a power of two */
	unsigned long position;	       /* of the next record to look at */
	uint64_t malformed;	       /* records skipped for what they look like */
};

/**
 * ring_attach - read from memory laid out like a BPF ring buffer
 * @consumer_page: one page, writable
 * @producer_page: one page, then the data twice; only ever read
 */
void ring_attach(struct ring *ring, void *consumer_page, const void *producer_page, size_t size);

/**
 * ring_map - map the ring buffer @fd and start where its last reader stopped
 * Returns 0 or -errno, not logged. @fd stays the caller's.
 */
int ring_map(struct ring *ring, int fd);

/** ring_unmap - also of a zeroed @ring */
void ring_unmap(struct ring *ring);

/** ring_end - where the next record will begin */
unsigned long ring_end(const struct ring *ring);

/**
 * ring_next - copy the next beat; the kernel keeps it until ring_commit()
 * @busy: set if a record is reserved but not yet written: it, and what is behind it, comes later
 *
 * Returns whether there was one. Records that are not beats are skipped and counted.
 */
bool ring_next(struct ring *ring, struct hb_beat *beat, bool *busy);

/** ring_commit - what is before @position is done: give it back to the kernel */
void ring_commit(struct ring *ring, unsigned long position);

/** ring_clear - drop what is there */
void ring_clear(struct ring *ring);

#endif
