/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tells which control group each client of a unix socket had when it connected. */
#ifndef HB_READER_PEERS_H
#define HB_READER_PEERS_H

#include <stddef.h>
#include <stdint.h>

struct peer {
	int fd; /* an accepted socket of this process */
	uint64_t cgroup_id;
};

/**
 * peers_find - set the control group of each of the @count @peers, by their descriptors
 *
 * It is 0 where the kernel does not know. Returns 0; or, with all of them 0, -ENOENT: the loaded hooks
 * cannot tell, or nothing is loaded; or another -errno. Logs nothing.
 */
int peers_find(const char *pin_dir, struct peer *peers, size_t count);

#endif
