/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Selects what a question about activity is about: the node, a control group, container or process. */
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
	const char *blind; /* the result of probe_run(): NULL if the hooks fire */
};

/**
 * activity_query_add - narrow @query down: @selector is `cgroup`, `container` or `pid`
 *
 * Returns 0; -EINVAL: @value is not a path, an id (12 to 64 hexadecimal digits) or a pid, or @query
 * has a selector already; -ENOENT: there is no such selector.
 */
int activity_query_add(struct activity_query *query, const char *selector, const char *value);

/* Whether a query selects a cgroup. */
enum activity_covers {
	ACTIVITY_COVERS_NOT,
	ACTIVITY_COVERS,
	ACTIVITY_COVERS_MAYBE, /* its place is hidden from us */
};

/**
 * activity_query_covers - does @query, which is not for a process, select cgroup @id?
 * It does not if the cgroup has been removed.
 */
enum activity_covers activity_query_covers(const struct activity_query *query,
					   const struct snapshot *snapshot,
					   const struct cgroup_tree *tree, uint64_t id);

/**
 * activity_query_exists - does what @query, which is not for a process, selects exist?
 * Returns 0, -ENOENT, or -EOPNOTSUPP: no cgroup is visible to us.
 */
int activity_query_exists(const struct activity_query *query, const struct snapshot *snapshot,
			  const struct cgroup_tree *tree);

#endif
