/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Selects what a question about activity is about: the node, a cgroup, container, pod or process. */
#ifndef HB_READER_ACTIVITY_QUERY_H
#define HB_READER_ACTIVITY_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "reader/maps/snapshot.h"

enum activity_by {
	ACTIVITY_NODE, /* everything */
	ACTIVITY_CGROUP,
	ACTIVITY_CONTAINER,
	ACTIVITY_POD,
	ACTIVITY_PID,
};

struct activity_query {
	enum activity_by by;
	const char *name;   /* path of the cgroup, or id of the container or pod; not owned */
	uint64_t cgroup_id; /* of that path: set by activity_query_cover() */
	uint32_t pid;	    /* in the initial pid namespace */
	const char *blind;  /* the result of probe_run(): NULL if the hooks fire */
};

/**
 * activity_query_add - narrow @query down: @selector is `cgroup`, `container`, `pod` or `pid`
 *
 * Returns 0; -EINVAL: @value is not a path, an id or a pid, or @query
 * has a selector already; -ENOENT: there is no such selector.
 */
int activity_query_add(struct activity_query *query, const char *selector, const char *value);

/** activity_query_limit - parse an idle time to judge by. Returns 0, -EINVAL or -ERANGE */
int activity_query_limit(const char *text, uint64_t *ns);

/** activity_query_is_named - whether the name of @cgroup is that of the container or pod in @query */
bool activity_query_is_named(const struct activity_query *query, const struct hb_cgroup *cgroup);

/**
 * activity_query_cover - find the control groups that @query, which is not for a process, selects
 *
 * Returns whether it selects each control group of @snapshot, which is the receiver's to free; or
 * NULL: there is no memory.
 */
bool *activity_query_cover(struct activity_query *query, const struct snapshot *snapshot);

/** activity_query_covers - is control group @id in the result of activity_query_cover()? */
bool activity_query_covers(const bool *covered, const struct snapshot *snapshot, uint64_t id);

/** activity_query_covers_process - the same for the group of @process, or what counts for it */
bool activity_query_covers_process(const bool *covered, const struct snapshot *snapshot,
				   const struct snapshot_process *process);

#endif
