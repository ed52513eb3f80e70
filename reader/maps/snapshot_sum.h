/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Holds the records of a snapshot, sorts them and adds them up.
 *
 * The maps of programs and cgroups keep what ended processes left behind; a snapshot has the present
 * totals.
 */
#ifndef HB_READER_SNAPSHOT_SUM_H
#define HB_READER_SNAPSHOT_SUM_H

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
	size_t path_length; /* used by report_coarsen(), like the next */
	uint64_t public_id; /* used by report_coarsen() */
	/* Set by claims_judge(): */
	bool disbelieved;	 /* it is not the container or pod that its name says */
	uint64_t container_id;	 /* the group of the innermost container that it is in, or 0 */
	uint64_t pod_id;	 /* the group of the outermost pod that it is in, or 0 */
	struct hb_cgroup record; /* of ended, moved and living processes together */
};

struct snapshot_program {
	char name[HB_COMM_LEN]; /* zero padded, and NUL terminated within */
	uint64_t beats;		/* of ended and living processes together */
	uint64_t last_beat;
	uint64_t last_key;
	uint64_t opened_at; /* as in struct hb_process, but of ended processes alone */
	uint32_t processes; /* living */
	bool listed;	    /* else taken off the list: its processes will be judged again */
};

/* A process of a busy program. */
struct snapshot_busy {
	struct hb_busy record;
	/* Idle time counts from here, boot time: */
	uint64_t group_since;	  /* of its cgroup, with those below */
	uint64_t workspace_since; /* of its workspace, see busy.h; 0: it is in none */
};

struct snapshot {
	struct hb_meta meta;
	uint64_t taken_at;   /* boot time, ns */
	uint64_t offset_ns;  /* add to a boot time to get unix time */
	bool exact;	     /* no count was moving from one record to another */
	bool complete;	     /* none was missed on its way: at worst it is in both records */
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
	/* Busy programs: see busy.h. */
	size_t busy_program_count;
	char (*busy_programs)[HB_COMM_LEN]; /* the list, by name */
	size_t busy_count;
	struct snapshot_busy *busy; /* those that run, by pid */
	const char *busy_unknown;   /* a clause: why there may be others; NULL: there are none */
};

/*
 * Visitors for map_read(), with a snapshot as data, that append a record. They return 0 or -ENOMEM.
 */
int snapshot_add_process(void *snapshot, const void *pid, const void *record);
int snapshot_add_cgroup(void *snapshot, const void *id, const void *record);
int snapshot_add_program(void *snapshot, const void *name, const void *record);

/**
 * snapshot_sum - sort the records, add those of living processes to their programs and cgroups, and
 * judge which cgroups are containers and pods (claims_judge())
 *
 * A process whose program is not listed counts as HB_ANY_PROGRAM if that is. Else its program was
 * taken off the list, and the process will be judged again: it adds the program, because its beats
 * count all the same. Returns 0 or -ENOMEM.
 */
int snapshot_sum(struct snapshot *snapshot);

/** snapshot_find_cgroup - the record of cgroup @id, or NULL */
struct snapshot_cgroup *snapshot_find_cgroup(const struct snapshot *snapshot, uint64_t id);

/** snapshot_lost - the beats that all slots together lost */
uint64_t snapshot_lost(const struct snapshot *snapshot);

/**
 * snapshot_is_own - whether @command is the name that this process goes by
 * If hb-read is on the list its own reads are no activity.
 */
bool snapshot_is_own(const char command[HB_COMM_LEN]);

void snapshot_release(struct snapshot *snapshot);

#endif
