/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lists the workspaces of a snapshot, each with the time that its idle time counts from.
 *
 * A workspace is a pod, a container or the slice of a user, whether it was used or not, with all
 * control groups below it; or any other control group that was used, by itself. So their number does
 * not grow with what a workspace makes inside.
 */
#ifndef HB_READER_WORKSPACES_H
#define HB_READER_WORKSPACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reader/maps/cgroup_names.h"
#include "reader/maps/snapshot.h"

struct workspace {
	uint64_t cgroup_id;
	char *path;
	char container[CGROUP_CONTAINER_LEN]; /* or empty */
	char pod[CGROUP_POD_LEN];	      /* or empty; with an empty container, it is the pod */
	bool whole;			      /* with all groups below it */
	bool in_doubt;			      /* doubt_is_unseen() for one of its processes */
	size_t busy;			      /* processes that keep it active: busy_work.h */
	uint64_t since;			      /* as in struct activity */
	uint64_t last_beat;		      /* boot time, like the next; 0: none was seen */
	uint64_t last_key;
	/* Used by workspaces_find(): */
	uint64_t used_at; /* last key, or start of a program at a terminal */
	size_t within;	  /* index of the workspace that it is in */
};

struct workspaces {
	size_t count;
	struct workspace *list; /* by path */
};

/**
 * workspaces_find - list the workspaces of @snapshot
 *
 * Left out are groups without a path: the map was full when a group above them was made. Returns 0 or
 * -ENOMEM; release the result in any case.
 */
int workspaces_find(const struct snapshot *snapshot, struct workspaces *workspaces);

void workspaces_release(struct workspaces *workspaces);

#endif
