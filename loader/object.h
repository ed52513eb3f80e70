/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The BPF object: programs and maps, into the kernel. */
#ifndef HB_LOADER_OBJECT_H
#define HB_LOADER_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/lib/pins.h"

struct bpf_map;
struct heartbeat_bpf;

struct object_request {
	uint32_t hook;
	uint32_t rule;
	uint32_t max_pids;
	/* Where the maps come from: pinned here; or, if that is NULL, they are made, */
	const char *pin_dir;
	/* but for this array of rings; */
	int rings;
	/* as a trial all are, and considered_pids gets another name, of which there may be many. */
	bool trial;
};

/**
 * object_open - open, and no more
 * Returns 0 or -errno, logged. Release @skeleton with heartbeat_bpf__destroy().
 */
int object_open(struct heartbeat_bpf **skeleton);

/**
 * object_load - open, configure and load
 * Returns 0 or -errno, logged. Release with heartbeat_bpf__destroy().
 */
int object_load(const struct object_request *request, struct heartbeat_bpf **skeleton);

/**
 * object_reuse - let @map, of an object that is not loaded yet, be the map behind @fd
 * @fd: is closed; or the -errno that opening @what failed with
 *
 * Returns 0 or -errno, logged.
 */
int object_reuse(struct bpf_map *map, int fd, const char *what);

/** object_pin - pin the map, program or link @fd as @dir/@name. Returns 0 or -errno, logged */
int object_pin(int fd, const char *dir, const char *name);

/** object_map - the map behind a fixed pin */
struct bpf_map *object_map(const struct heartbeat_bpf *skeleton, enum pins_map map);

#endif
