/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists the used control groups of a report: what the page shows. */
#ifndef HB_READER_CGROUP_ROWS_H
#define HB_READER_CGROUP_ROWS_H

#include "reader/maps/cgroup_names.h"
#include "reader/maps/report.h"

struct cgroup_row {
	const struct snapshot_cgroup *cgroup; /* of the report */
	char *path;
	char container[CGROUP_CONTAINER_LEN]; /* or empty */
};

struct cgroup_rows {
	size_t count;
	struct cgroup_row *rows; /* by path */
};

/**
 * cgroup_rows_find - find the rows of @report, which must outlive them
 *
 * Left out are groups without a heartbeat or key, and those without a path: the map was full when a
 * group above them was made. Returns 0 or -ENOMEM; release the result in any case.
 */
int cgroup_rows_find(const struct report *report, struct cgroup_rows *rows);

void cgroup_rows_release(struct cgroup_rows *rows);

#endif
