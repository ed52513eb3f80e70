/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pin an object, or let a map of an object that is not loaded yet be one that is pinned. */
#ifndef HB_LOADER_PIN_H
#define HB_LOADER_PIN_H

#include "bpf/lib/log.h"

struct bpf_map;

/** pin_object - pin the map, program or link @fd as @dir/@name. Returns 0 or -errno, logged */
int pin_object(int fd, const char *dir, const char *name);

/**
 * pin_reuse - let @map be the map that was opened from @path
 * @fd: the open map, which this closes; or the -errno that opening failed with
 *
 * Returns 0, or -errno with the reason in @why.
 */
int pin_reuse(struct bpf_map *map, int fd, const char *path, struct reason *why);

#endif
