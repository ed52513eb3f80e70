/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Create the rings of the readers' slots. */
#ifndef HB_LOADER_RINGS_H
#define HB_LOADER_RINGS_H

#include <stdint.h>

/**
 * rings_make - make @count rings of @size bytes, pin them in @dir, and put them into the map @array
 * Returns 0 or -errno, logged.
 */
int rings_make(int array, const char *dir, uint32_t count, uint32_t size);

#endif
