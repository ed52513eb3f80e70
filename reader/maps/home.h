/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds the workspace that a control group is in, and reduces a report to what it may know.
 *
 * That is the innermost container around the group, and with it its pod; or else the slice of a user.
 * Users can make groups only below their own. So whatever names they give to those, they learn about
 * themselves alone.
 */
#ifndef HB_READER_HOME_H
#define HB_READER_HOME_H

#include <stdint.h>

#include "reader/maps/cgroup_names.h"
#include "reader/maps/report.h"

/* Of two that are around a group the later one is its home, such as the pod of a container. */
enum home_kind {
	HOME_NONE,
	HOME_USER,
	HOME_CONTAINER,
	HOME_POD,
};

struct home {
	enum home_kind kind;
	uint64_t cgroup_id; /* with everything below it */
	uint64_t
		outermost; /* the topmost group that could be a home, which nobody inside can choose */
};

/** home_word - `user`, `container` or `pod`; NULL: none */
const char *home_word(enum home_kind kind);

/** home_kind_of - what kind of workspace @cgroup is */
enum home_kind home_kind_of(const struct snapshot_cgroup *cgroup);

/**
 * home_find - find the workspace of control group @cgroup_id
 *
 * Returns 0, also if it is in none; or -ENOENT: the group or one above it has no record.
 */
int home_find(const struct snapshot *snapshot, uint64_t cgroup_id, struct home *home);

/**
 * home_report - make @own of @all: only the groups, processes and busy programs of @home, whose path becomes `/`
 *
 * Times are as coarse as report_coarsen() makes them, but for that of the report itself. Returns 0 or
 * -ENOMEM; release @own in any case.
 */
int home_report(const struct report *all, const struct home *home, struct report *own);

#endif
