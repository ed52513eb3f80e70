/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The control groups of a report as the metrics and the page tell them: by path, each once. */
#ifndef HB_READER_CGROUP_ROWS_H
#define HB_READER_CGROUP_ROWS_H

#include "reader/maps/cgroup_names.h"
#include "reader/page/history.h"
#include "reader/maps/report.h"

struct cgroup_row {
	char *path;			      /* where that is not known, the leaf's name */
	char container[CGROUP_CONTAINER_LEN]; /* or empty */
	uint64_t last_beat;
	uint64_t beats;
	uint64_t points[HISTORY_POINTS];
};

struct cgroup_rows {
	size_t count;
	struct cgroup_row *groups; /* by path */
};

/**
 * cgroup_rows_find - those of @report, with their points in @history (may be NULL)
 * @detailed: for who may read the maps; else what systemd names by a user's number is left out of
 *	      the paths, and told together with its parent
 *
 * Returns 0 or -ENOMEM; release the result in any case.
 */
int cgroup_rows_find(const struct report *report, const struct history *history, bool detailed,
		     struct cgroup_rows *groups);

void cgroup_rows_release(struct cgroup_rows *groups);

#endif
