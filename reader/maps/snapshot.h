/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A consistent picture of the kernel's maps. Everything hb-read tells about the maps (table, JSON,
 * status, metrics) is written from one of these.
 */
#ifndef HB_READER_SNAPSHOT_H
#define HB_READER_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"

struct snapshot_process {
	uint32_t pid;
	struct hb_process record;
};

struct snapshot_cgroup {
	uint64_t id;
	struct hb_cgroup record; /* of ended, moved and living processes together */
};

struct snapshot_program {
	char name[HB_COMM_LEN]; /* zero padded, and NUL terminated within */
	uint64_t beats;		/* of ended and living processes together */
	uint64_t last_beat;
	uint64_t last_ended; /* last beat of those that have ended: also in cgroups that are gone */
	uint32_t processes;  /* living */
	bool listed;	     /* or taken off the list, with processes that are to be judged anew */
};

struct snapshot {
	struct hb_meta meta;
	uint64_t taken_at;   /* boot time, ns */
	uint64_t offset_ns;  /* add to a boot time to get unix time */
	bool exact;	     /* no count was on its way from one record to another */
	uint32_t considered; /* entries of considered_pids with value 1: the gauge */
	uint32_t verdicts;   /* all entries of considered_pids */
	uint64_t stats[HB_STATS];
	uint64_t open; /* bit mask of open slots */
	uint64_t lost[HB_READERS_MAX];
	size_t process_count;
	struct snapshot_process *processes; /* by pid */
	size_t cgroup_count;
	struct snapshot_cgroup *cgroups; /* by id */
	size_t program_count;
	struct snapshot_program *programs; /* by name */
};

/* The open maps a snapshot is taken from. */
struct snapshot_source;

/** snapshot_open - open the maps below @pin_dir, reading only. Returns 0 or -errno, logged */
int snapshot_open(const char *pin_dir, struct snapshot_source **source);

void snapshot_close(struct snapshot_source *source);

/** snapshot_age - how long before the snapshot @boot_ns was, in nanoseconds */
static inline uint64_t snapshot_age(const struct snapshot *snapshot, uint64_t boot_ns)
{
	return snapshot->taken_at > boot_ns ? snapshot->taken_at - boot_ns : 0;
}

/**
 * snapshot_take - read all maps; release the result with snapshot_release()
 *
 * If another load took the place of the one that was opened, its maps are opened; with nothing
 * loaded the answer is -ENOENT, logged the first time. Returns 0 or -errno, logged; @snapshot can
 * be released in any case.
 */
int snapshot_take(struct snapshot_source *source, struct snapshot *snapshot);

void snapshot_release(struct snapshot *snapshot);

/** snapshot_trim - give back the records of processes, cgroups and programs; the rest stays */
void snapshot_trim(struct snapshot *snapshot);

/** snapshot_gauge - only the number of considered processes; like snapshot_take() */
int snapshot_gauge(struct snapshot_source *source, uint32_t *considered);

/**
 * snapshot_stats - only the counters, and under which rule and hook; like snapshot_take()
 */
int snapshot_stats(struct snapshot_source *source, struct hb_meta *meta, uint64_t stats[HB_STATS]);

/** snapshot_is_listed - whether command name @name is on the list now; false if that is not known
 */
bool snapshot_is_listed(const struct snapshot_source *source, const char *name);

/** snapshot_lost - the beats that all slots together lost */
uint64_t snapshot_lost(const struct snapshot *snapshot);

/** snapshot_find_cgroup - the record of cgroup @id, or NULL */
const struct snapshot_cgroup *snapshot_find_cgroup(const struct snapshot *snapshot, uint64_t id);

#endif
