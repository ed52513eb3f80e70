/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Takes consistent pictures of the kernel's maps.
 *
 * All that hb-read reports about the maps (table, JSON, status, metrics, page) is written from such
 * a snapshot.
 */
#ifndef HB_READER_SNAPSHOT_H
#define HB_READER_SNAPSHOT_H

#include "reader/maps/snapshot_sum.h"

/* The open maps that snapshots are taken from. */
struct snapshot_source;

/**
 * snapshot_open - open the maps below @pin_dir, which stays the caller's, for reading
 * Returns 0 or -errno, logged.
 */
int snapshot_open(const char *pin_dir, struct snapshot_source **source);

void snapshot_close(struct snapshot_source *source);

/** snapshot_unix - unix time of @boot_ns, in nanoseconds; 0 stays 0, which is never */
static inline uint64_t snapshot_unix(const struct snapshot *snapshot, uint64_t boot_ns)
{
	return boot_ns ? boot_ns + snapshot->offset_ns : 0;
}

/** snapshot_age - how long before the snapshot @boot_ns was, in nanoseconds */
static inline uint64_t snapshot_age(const struct snapshot *snapshot, uint64_t boot_ns)
{
	return snapshot->taken_at > boot_ns ? snapshot->taken_at - boot_ns : 0;
}

/**
 * snapshot_take - read all maps; release the result with snapshot_release(), in any case
 *
 * If another load has replaced the one that was opened, its maps are opened first. With nothing
 * loaded the result is -ENOENT, logged the first time. Returns 0 or -errno, logged.
 */
int snapshot_take(struct snapshot_source *source, struct snapshot *snapshot);

/** snapshot_gauge - read only the number of considered processes, like snapshot_take() */
int snapshot_gauge(struct snapshot_source *source, uint32_t *considered);

/** snapshot_stats - read only the counters, and how it was loaded, like snapshot_take() */
int snapshot_stats(struct snapshot_source *source, struct hb_meta *meta, uint64_t stats[HB_STATS]);

/** snapshot_is_listed - whether command name @name is on the list now; false if unknown */
bool snapshot_is_listed(const struct snapshot_source *source, const char *name);

#endif
