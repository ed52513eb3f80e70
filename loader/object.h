/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The BPF object: programs and maps, into the kernel. */
#ifndef HB_LOADER_OBJECT_H
#define HB_LOADER_OBJECT_H

#include <stddef.h>
#include <stdint.h>

#include "../bpf/lib/pins.h"
#include "hooks.h"

struct bpf_map;
struct heartbeat_bpf;

/* Pin of the array of rings, which readers have no use for. */
#define OBJECT_RINGS_PIN HB_PIN_HOOKS "/" HOOKS_RINGS_PIN

struct object_sizes {
	uint32_t readers;
	uint32_t ring_size; /* bytes */
	uint32_t max_pids;
};

/**
 * object_load - open, configure and load
 * @pin_dir: use the maps pinned there; NULL: make new ones
 * @trial: as a trial: the map considered_pids gets another name, of which there may be many
 *
 * Returns 0 or -errno, logged. Release with heartbeat_bpf__destroy().
 */
int object_load(const char *pin_dir, uint32_t hook, uint32_t rule, const struct object_sizes *sizes,
		int trial, struct heartbeat_bpf **skeleton);

/** object_pin - pin the map, program or link @fd as @dir/@name. Returns 0 or -errno, logged */
int object_pin(int fd, const char *dir, const char *name);

/** object_map - the map behind a fixed pin */
struct bpf_map *object_map(const struct heartbeat_bpf *skeleton, enum pins_map map);

#endif
