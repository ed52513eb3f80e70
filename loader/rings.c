// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "loader/object.h"
#include "loader/rings.h"

static int make_ring(struct rings *rings, const char *dir, uint32_t size)
{
	char name[64];
	int fd;

	fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "events", 0, 0, size, NULL);
	if (fd < 0)
		return log_errno(-errno, "making a ring of %u bytes", size);
	snprintf(name, sizeof(name), HB_PIN_EVENTS_FMT, rings->count);
	rings->fds[rings->count++] = fd;
	return object_pin(fd, dir, name);
}

/* Of the shape that maps.bpf.h says; any ring is a pattern for the others. */
static int make_array(struct rings *rings, const char *dir)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = (__u32)rings->fds[0]);

	rings->array = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "rings", sizeof(__u32),
				      sizeof(__u32), HB_READERS_MAX, &opts);
	if (rings->array < 0)
		return log_errno(-errno, "making the array of rings");
	return object_pin(rings->array, dir, RINGS_PIN);
}

/*
 * All at once: the kernel waits for programs that may use what was there before (and before Linux
 * 6.8 for each ring).
 */
static void *hand_out(void *data)
{
	struct rings *rings = data;
	uint32_t slots[HB_READERS_MAX];
	uint32_t count = rings->count;

	for (uint32_t i = 0; i < count; i++)
		slots[i] = i;
	rings->result = bpf_map_update_batch(rings->array, slots, rings->fds, &count, NULL);
	return NULL;
}

int rings_make(struct rings *rings, const char *dir, uint32_t count, uint32_t size)
{
	int r = 0;

	rings->array = -1;
	while (r == 0 && rings->count < count)
		r = make_ring(rings, dir, size);
	if (r == 0)
		r = make_array(rings, dir);
	if (r < 0)
		return r;
	r = -pthread_create(&rings->thread, NULL, hand_out, rings);
	if (r < 0)
		return log_errno(r, "handing the rings to the programs");
	rings->handing_out = true;
	return 0;
}

int rings_finish(struct rings *rings)
{
	int r = 0;

	if (rings->count == 0)
		return 0;
	if (rings->handing_out) {
		pthread_join(rings->thread, NULL);
		rings->handing_out = false;
		r = rings->result;
	}
	while (rings->count > 0)
		close_fd(rings->fds[--rings->count]);
	close_fd(rings->array);
	rings->array = -1;
	return r < 0 ? log_errno(r, "handing the rings to the programs") : 0;
}
