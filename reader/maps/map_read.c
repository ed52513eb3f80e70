// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <bpf/bpf.h>

#include "reader/maps/map_read.h"

/* Entries that one system call returns at most. A bucket of the hash with more needs more room. */
enum { BATCH_FIRST = 128, BATCH_MAX = 1 << 20 };

struct buffer {
	uint32_t room; /* entries */
	char *keys;
	char *values;
};

static void buffer_release(struct buffer *buffer)
{
	free(buffer->keys);
	free(buffer->values);
}

static int buffer_grow(struct buffer *buffer, size_t key_size, size_t value_size)
{
	uint32_t room = buffer->room ? buffer->room * 2 : BATCH_FIRST;

	if (room > BATCH_MAX)
		return -ENOSPC;
	buffer_release(buffer);
	buffer->keys = calloc(room, key_size);
	buffer->values = calloc(room, value_size);
	if (!buffer->keys || !buffer->values)
		return -ENOMEM;
	buffer->room = room;
	return 0;
}

int map_read(int fd, size_t key_size, size_t value_size, map_visit visit, void *data)
{
	struct buffer buffer = {0};
	/* Where to continue: for a hash a bucket's number, 32 bits, whatever the key's size. */
	uint64_t place = 0;
	bool started = false;
	bool end = false;
	int r;

	r = buffer_grow(&buffer, key_size, value_size);
	while (r == 0 && !end) {
		uint32_t count = buffer.room;

		r = bpf_map_lookup_batch(fd, started ? &place : NULL, &place, buffer.keys,
					 buffer.values, &count, NULL);
		if (r < 0)
			r = -errno;
		if (r == -ENOSPC) {
			r = buffer_grow(&buffer, key_size, value_size);
			continue;
		}
		/* The last entries come with -ENOENT. */
		if (r < 0 && r != -ENOENT)
			break;
		end = r == -ENOENT;
		started = true;
		r = 0;
		for (uint32_t i = 0; i < count && r == 0; i++)
			r = visit(data, buffer.keys + i * key_size, buffer.values + i * value_size);
	}
	buffer_release(&buffer);
	return r;
}
