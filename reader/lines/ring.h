/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads beats from a BPF ring buffer.
 *
 * libbpf's ring_buffer gives a record back to the kernel as soon as it was read. This one does so
 * after its line was written, so that a reader that is killed loses nothing. "Memory order" in
 * bpf/README.md says which access pairs with which.
 */
#ifndef HB_READER_RING_H
#define HB_READER_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"

struct ring {
	unsigned long *consumer;       /* shared: the kernel may overwrite records before this */
	const unsigned long *producer; /* shared: records begin before this */
	const char *data;	       /* @size bytes, twice in a row */
	size_t size;		       /* a power of two */
	unsigned long position;	       /* of the next record to read */
	uint64_t malformed;	       /* records that were skipped because they made no sense */
};

/**
 * ring_attach - read from memory laid out like a BPF ring buffer
 * @consumer_page: one page, writable
 * @producer_page: one page, then the data twice; read only
 */
void ring_attach(struct ring *ring, void *consumer_page, const void *producer_page, size_t size);

/**
 * ring_map - map the ring buffer @fd and start where its last reader stopped
 * Returns 0 or -errno, not logged. The caller keeps @fd.
 */
int ring_map(struct ring *ring, int fd);

/** ring_unmap - undo ring_map(); does nothing to a zeroed @ring */
void ring_unmap(struct ring *ring);

/** ring_end - where the next record will begin */
unsigned long ring_end(const struct ring *ring);

/**
 * ring_next - copy the next beat; the kernel keeps it until ring_commit()
 * @busy: set if the next record is reserved but not written yet: it and later ones come later
 *
 * Returns whether there was one. Records that are not beats are skipped and counted.
 */
bool ring_next(struct ring *ring, struct hb_beat *beat, bool *busy);

/** ring_commit - give the records before @position back to the kernel */
void ring_commit(struct ring *ring, unsigned long position);

/** ring_is_at - whether the kernel was told @position, and nobody has moved it since */
bool ring_is_at(const struct ring *ring, unsigned long position);

/** ring_clear - drop all records */
void ring_clear(struct ring *ring);

#endif
