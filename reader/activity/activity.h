/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * When was somebody active, and where: the answers of `hb-read idle` and /activity.
 *
 * They fail safe. Idle time counts from the latest of the last key (of the last beat, where keys
 * are not told from other reads), the start of a considered process, and the last load. Where
 * something may have been missed there is a doubt, and then nobody is said to be idle.
 */
#ifndef HB_READER_ACTIVITY_H
#define HB_READER_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "reader/activity/activity_query.h"
#include "reader/maps/cgroup_tree.h"
#include "reader/maps/snapshot.h"

/* From what idle time counts. */
enum activity_since {
	ACTIVITY_SINCE_LOAD, /* there was nothing later */
	ACTIVITY_SINCE_START,
	ACTIVITY_SINCE_READ,
	ACTIVITY_SINCE_KEY,
};

struct activity {
	uint64_t last;	/* key or read, boot time; 0: none was seen */
	uint64_t since; /* idle time counts from here, boot time */
	enum activity_since because;
	uint32_t pid;		   /* of who did that, or 0: it has ended */
	char program[HB_COMM_LEN]; /* its command name, or empty */
	uint64_t cgroup_id;	   /* where that was, or 0 */
};

enum { ACTIVITY_DOUBT_LEN = 256 };

struct activity_answer {
	struct activity activity;
	char doubt[ACTIVITY_DOUBT_LEN]; /* why idle cannot be said, a clause; empty: no doubt */
	uint64_t doubt_until; /* boot time: there is none about what came later than this */
};

/**
 * activity_find - the answer for all that @query selects
 * @tree: read after @snapshot was taken, or else what is not in it may be new
 *
 * Returns 0; or, with the reason as the doubt, -ENOENT: there is no such cgroup, container or
 * considered process, -EOPNOTSUPP: this host cannot tell cgroups apart.
 */
int activity_find(const struct snapshot *snapshot, const struct activity_query *query,
		  const struct cgroup_tree *tree, struct activity_answer *answer);

/** activity_last - boot time of the last activity on the node; 0: none was seen */
uint64_t activity_last(const struct snapshot *snapshot);

/**
 * activity_each - the activity in each cgroup that @query selects, and that exists, by id
 *
 * Returns 0 and the receiver's @list, to free, or -ENOMEM. For a process it is that one's cgroup,
 * with what the process did in it.
 */
int activity_each(const struct snapshot *snapshot, const struct activity_query *query,
		  const struct cgroup_tree *tree, struct activity **list, size_t *count);

/** activity_watching_since - what came before was not seen, or not by this rule and list */
uint64_t activity_watching_since(const struct snapshot *snapshot);

/** activity_cgroup_tree - the tree for @snapshot, read again where it must be; NULL: no memory */
const struct cgroup_tree *activity_cgroup_tree(const struct snapshot *snapshot);

/**
 * activity_write - write the answer for @query, and for each cgroup in it, as one JSON object
 * @snapshot: for whoever asks, one that is at least COARSE_S seconds old, with its records
 * @detailed: for who may read the maps; else times are coarse, and pids, programs and users left
 *	      out
 *
 * Returns 0; or, having written an object with the reason as its `error`: -ENOENT (404), -EACCES
 * (403: only told in detail), -EOPNOTSUPP (501). Or -ENOMEM, with nothing written.
 */
int activity_write(const struct snapshot *snapshot, const struct activity_query *query,
		   bool detailed, FILE *stream);

/** activity_print - the same, with the tree of cgroups given, and no question too many */
int activity_print(const struct snapshot *snapshot, const struct activity_query *query,
		   const struct cgroup_tree *tree, bool detailed, FILE *stream);

#endif
