/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Open what is pinned, and check its kind before it is used. */
#ifndef HB_PINS_H
#define HB_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/log.h"

/* Parsing of --pin-dir leaves room for the longest name below it. */
enum { PINS_PATH_MAX = 512 };

struct pin_path {
	char text[PINS_PATH_MAX];
};

/* The pinned maps with a fixed place. */
enum pins_map {
	PINS_CONSIDERED_PIDS,
	PINS_PROCESSES,
	PINS_CGROUPS,
	PINS_PROGRAMS,
	PINS_BUSY_PROGRAMS,
	PINS_META,
	PINS_STATS,
	PINS_OPEN,
	PINS_LOST,
	PINS_MAPS,
};

/** pins_map_name - the pin of @map relative to the pin directory, like `readers/lost` */
const char *pins_map_name(enum pins_map map);

/** pins_path - write `@dir/@name` to @path. Returns its text */
const char *pins_path(struct pin_path *path, const char *dir, const char *name);

/**
 * pins_open - open one of the fixed maps below @dir
 * @writable: false opens with BPF_F_RDONLY, for which read permission on the pin is enough
 *
 * Returns a descriptor or -errno; -EBADMSG if the pin is of another kind or shape. Logs nothing.
 */
int pins_open(const char *dir, enum pins_map map, bool writable);

/** pins_open_ring - open the ring of reader slot @slot for reading and mapping; like pins_open() */
int pins_open_ring(const char *dir, uint32_t slot);

/**
 * pins_read_meta - check that something is loaded at @dir that this program understands
 * @why: receives the reason of a failure, and the fix; NULL: it is logged
 *
 * Returns 0; -ENOENT: nothing is loaded; -EACCES: the user may not read it; -EPROTO: it has another
 * ABI version; or the errno of bpf(2).
 */
int pins_read_meta(const char *dir, struct hb_meta *meta, struct reason *why);

/**
 * pins_read_stats - add up the per-CPU counters, and find the latest of a time of the map @fd
 * Returns 0 or -errno.
 */
int pins_read_stats(int fd, uint64_t stats[HB_STATS]);

/**
 * pins_denied - report why the user may not open @path, and the fix, to @why or the log
 * Returns -EACCES.
 */
int pins_denied(const char *path, struct reason *why);

#endif
