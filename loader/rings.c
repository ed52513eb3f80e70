// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <bpf/bpf.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "loader/pin.h"
#include "loader/rings.h"

/* Returns what the kernel could still give without swapping, or UINT64_MAX if that is not known. */
static uint64_t available_memory(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	uint64_t kilobytes = UINT64_MAX;
	char line[128];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "MemAvailable: %" SCNu64 " kB", &kilobytes) == 1)
			break;
	}
	if (file)
		fclose(file);
	return kilobytes > UINT64_MAX / 1024 ? UINT64_MAX : kilobytes * 1024;
}

int rings_check_memory(const struct hb_meta *sizes, struct reason *why)
{
	uint64_t available = available_memory();
	uint64_t needed = sizes->readers * sizes->ring_size;

	if (needed <= available / 2)
		return 0;
	return reason_set(
		why, -ENOMEM,
		"%u rings of %llu bytes take more than half of the available memory, which is %" PRIu64
		" MiB: give a smaller --ring-size or fewer --readers",
		sizes->readers, (unsigned long long)sizes->ring_size, available >> 20);
}

/* Returns the ring of @slot, or -errno, logged. */
static int make_ring(const char *dir, uint32_t slot, uint32_t size)
{
	char name[64];
	int fd;
	int r;

	fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "events", 0, 0, size, NULL);
	if (fd < 0)
		return log_errno(-errno, "cannot make a ring of %u bytes", size);
	snprintf(name, sizeof(name), HB_PIN_EVENTS_FMT, slot);
	r = pin_object(fd, dir, name);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int rings_make(int array, const char *dir, uint32_t count, uint32_t size)
{
	uint32_t slots[HB_READERS_MAX] = {0};
	int rings[HB_READERS_MAX] = {0};
	uint32_t made = 0;
	int r = 0;

	while (made < count) {
		r = make_ring(dir, made, size);
		if (r < 0)
			break;
		slots[made] = made;
		rings[made++] = r;
	}
	/*
	 * All in one call: after a change of the array the kernel waits for the programs that may
	 * use it, 10 ms or more. Before Linux 6.8 it waits for each ring.
	 */
	if (r >= 0) {
		r = bpf_map_update_batch(array, slots, rings, &count, NULL);
		if (r < 0)
			log_errno(r, "cannot give the rings to the programs");
	}
	while (made > 0)
		close(rings[--made]);
	return r < 0 ? r : 0;
}
