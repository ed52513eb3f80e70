/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads a whole hash map with few system calls. */
#ifndef HB_READER_MAP_READ_H
#define HB_READER_MAP_READ_H

#include <stddef.h>

/* Called for each entry. Returns 0, or -errno to end with it. */
typedef int (*map_visit)(void *data, const void *key, const void *value);

/**
 * map_read - call @visit with @data for each entry of the hash map @fd
 *
 * An entry that is added or deleted meanwhile may be missed; all others are visited once. Returns 0
 * or -errno, not logged.
 */
int map_read(int fd, size_t key_size, size_t value_size, map_visit visit, void *data);

#endif
