// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "bpf/lib/pins.h"
#include "reader/maps/peers.h"

static void set(struct peer *peers, size_t count, int fd, uint64_t cgroup_id)
{
	for (size_t i = 0; i < count; i++) {
		if (peers[i].fd == fd)
			peers[i].cgroup_id = cgroup_id;
	}
}

int peers_find(const char *pin_dir, struct peer *peers, size_t count)
{
	struct pin_path path;
	uint64_t cgroup_id;
	FILE *stream;
	int fd;

	for (size_t i = 0; i < count; i++)
		peers[i].cgroup_id = 0;
	stream = fopen(pins_path(&path, pin_dir, HB_PIN_PEERS), "re");
	if (!stream)
		return -errno;
	/* As peers.bpf.h prints it. */
	while (fscanf(stream, "%d %" SCNu64 "\n", &fd, &cgroup_id) == 2)
		set(peers, count, fd, cgroup_id);
	fclose(stream);
	return 0;
}
