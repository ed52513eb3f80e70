/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds out when and where somebody was last active, for `hb-read idle` and /activity.
 *
 * Activity is a key: a watched program read at least one byte from a terminal. The answers fail safe.
 * Idle time counts from the latest of the last key, the start of a watched program at a terminal, the
 * birth of what the question is about, and the load that last changed what is watched. While a busy
 * program counts (busy_work.h), it counts from now. If something may have been missed there is a doubt,
 * and then the answer is never "idle".
 */
#ifndef HB_READER_ACTIVITY_H
#define HB_READER_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>

#include "reader/activity/activity_query.h"
#include "reader/maps/snapshot.h"

/* What idle time counts from; the later wins if several were at the same time. */
enum activity_since {
	ACTIVITY_SINCE_LOAD,   /* there was nothing later */
	ACTIVITY_SINCE_BIRTH,  /* of the control group, container or process */
	ACTIVITY_SINCE_OPENED, /* a program was started at a terminal */
	ACTIVITY_SINCE_KEY,
	ACTIVITY_SINCE_BUSY, /* a busy program works at this moment */
};

struct activity {
	uint64_t last;	/* key, boot time; 0: none was seen */
	uint64_t since; /* idle time counts from here, boot time */
	enum activity_since because;
	uint32_t pid; /* of the process that did it; 0: it has ended, or is not known */
	char program[HB_COMM_LEN]; /* its command name, or empty */
	uint64_t cgroup_id;	   /* where that was, or 0 */
	/* Of a busy program, boot times: */
	uint64_t start; /* of its process */
	uint64_t until; /* the latest time when it counts */
};

enum { ACTIVITY_DOUBT_LEN = 256 };

struct activity_answer {
	struct activity activity;
	char doubt[ACTIVITY_DOUBT_LEN]; /* a clause: why idle time is unknown; empty: no doubt */
	uint64_t doubt_until;		/* boot time: what came later is not in doubt */
	bool missing;			/* what was asked about does not exist, says the doubt */
};

/**
 * activity_find - find the answer for all that @query selects
 *
 * Returns 0; or, with the reason as the doubt, -ENOENT: there is no such control group, container,
 * pod or watched process; -EOPNOTSUPP: this host has no control groups; -ENOMEM.
 */
int activity_find(const struct snapshot *snapshot, struct activity_query *query,
		  struct activity_answer *answer);

/** activity_time - boot time of the last key, or of now if a busy program counts; 0: there is neither */
static inline uint64_t activity_time(const struct activity *activity)
{
	return activity->because == ACTIVITY_SINCE_BUSY ? activity->since : activity->last;
}

/** activity_last - boot time of the last key on the node; 0: none was seen */
uint64_t activity_last(const struct snapshot *snapshot);

/**
 * activity_each - find the activity in each control group that @query selects, by id
 *
 * Groups in which nothing was ever seen are left out. Returns 0 and the receiver's @list, to free, or
 * -ENOMEM. For a process the list has its control group, with what the process did.
 */
int activity_each(const struct snapshot *snapshot, struct activity_query *query,
		  struct activity **list, size_t *count);

#endif
