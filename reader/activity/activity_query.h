/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whose activity is asked for: the node's, or that of a control group, container or process. */
#ifndef HB_READER_ACTIVITY_QUERY_H
#define HB_READER_ACTIVITY_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "reader/maps/cgroup_tree.h"
#include "reader/maps/snapshot.h"

enum activity_by {
	ACTIVITY_NODE, /* everything */
	ACTIVITY_CGROUP,
	ACTIVITY_CONTAINER,
	ACTIVITY_PID,
};

struct activity_query {
	enum activity_by by;
	const char *name;  /* path of the cgroup, or id of the container; not owned */
	uint32_t pid;	   /* in the initial pid namespace */
	const char *blind; /* what probe_run() said: NULL if the hooks fire */
};

/**
 * activity_query_add - narrow @query down: @selector is `cgroup`, `container` or `pid`
 *
 * Returns 0; -EINVAL: @value is not a path, an id (12 to 64 hexadecimal digits) or a pid, or there
 * is a selector already; -ENOENT: there is no such selector.
 */
int activity_query_add(struct activity_query *query, const char *selector, const char *value);

/* Whether a cgroup is one of those that are asked for. */
enum activity_covers {
	ACTIVITY_COVERS_NOT,
	ACTIVITY_COVERS,
	ACTIVITY_COVERS_MAYBE, /* where it is cannot be seen from here */
};

/**
 * activity_query_covers - is cgroup @id one of those that @query is for? Not for ACTIVITY_PID
 * One that is gone by now is not.
 */
enum activity_covers activity_query_covers(const struct activity_query *query,
					   const struct snapshot *snapshot,
					   const struct cgroup_tree *tree, uint64_t id);

/**
 * activity_query_exists - is there what @query is for? Not for ACTIVITY_PID
 * Returns 0, -ENOENT, or -EOPNOTSUPP: no cgroup can be seen from here.
 */
int activity_query_exists(const struct activity_query *query, const struct snapshot *snapshot,
			  const struct cgroup_tree *tree);

#endif
