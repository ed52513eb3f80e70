/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rings of the readers' slots, and the array by which the programs find them. */
#ifndef HB_LOADER_RINGS_H
#define HB_LOADER_RINGS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/heartbeat.h"
#include "loader/hooks.h"

/* Pin of the array, which readers have no use for. */
#define RINGS_PIN HB_PIN_HOOKS "/" HOOKS_RINGS_PIN

struct rings {
	int array; /* or -1 */
	uint32_t count;
	int fds[HB_READERS_MAX];
	bool handing_out;
	pthread_t thread;
	int result; /* of the handing out */
};

/**
 * rings_make - make @count rings of @size bytes, and begin to hand them to the programs
 * @rings: zeroed; to be released with rings_finish(), whatever this returns
 *
 * All are pinned in @dir. That the programs have them takes the kernel a grace period, 10 ms or
 * more, in which there is other work to do. Returns 0 or -errno, logged.
 */
int rings_make(struct rings *rings, const char *dir, uint32_t count, uint32_t size);

/** rings_finish - wait until the programs have the rings. Returns 0 or -errno, logged */
int rings_finish(struct rings *rings);

#endif
