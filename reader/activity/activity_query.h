/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Selects what a question about activity is about: the node, a control group, container or process. */
#ifndef HB_READER_ACTIVITY_QUERY_H
#define HB_READER_ACTIVITY_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "reader/maps/snapshot.h"

enum activity_by {
	ACTIVITY_NODE, /* everything */
	ACTIVITY_CGROUP,
	ACTIVITY_CONTAINER,
	ACTIVITY_PID,
};

struct activity_query {
	enum activity_by by;
	const char *name;   /* path of the cgroup, or id of the container; not owned */
	uint64_t cgroup_id; /* of that path: see activity_query_resolve() */
	uint32_t pid;	    /* in the initial pid namespace */
	const char *blind;  /* the result of probe_run(): NULL if the hooks fire */
};

/**
 * activity_query_add - narrow @query down: @selector is `cgroup`, `container` or `pid`
 *
 * Returns 0; -EINVAL: @value is not a path, an id or a pid, or @query
 * has a selector already; -ENOENT: there is no such selector.
 */
int activity_query_add(struct activity_query *query, const char *selector, const char *value);

/** activity_query_resolve - look the path up in @snapshot, before the functions below are asked */
void activity_query_resolve(struct activity_query *query, const struct snapshot *snapshot);

/** activity_query_covers - does @query, which is not for a process, select control group @id? */
bool activity_query_covers(const struct activity_query *query, const struct snapshot *snapshot,
			   uint64_t id);

/** activity_query_covers_process - the same for the group of @process, or what counts for it */
bool activity_query_covers_process(const struct activity_query *query,
				   const struct snapshot *snapshot,
				   const struct snapshot_process *process);

/** activity_query_is_top - of the groups that @query selects, is @cgroup one with none above it? */
bool activity_query_is_top(const struct activity_query *query, const struct snapshot *snapshot,
			   const struct snapshot_cgroup *cgroup);

#endif
