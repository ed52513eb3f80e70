/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Create the rings of the readers' slots. */
#ifndef HB_LOADER_RINGS_H
#define HB_LOADER_RINGS_H

#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/log.h"

/**
 * rings_check_memory - check that the rings leave half of the available memory to others
 * @sizes: the number of readers and the size of their rings
 *
 * The kernel takes all of their memory at once, and ends other processes if it has to. Returns 0, or
 * -ENOMEM with the reason in @why, or logged if that is NULL.
 */
int rings_check_memory(const struct hb_meta *sizes, struct reason *why);

/**
 * rings_make - make @count rings of @size bytes, pin them in @dir, and put them into the map @array
 * Returns 0 or -errno, logged.
 */
int rings_make(int array, const char *dir, uint32_t count, uint32_t size);

#endif
