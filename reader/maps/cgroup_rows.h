/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sums up the control groups of a report by path: what the metrics and the page show. */
#ifndef HB_READER_CGROUP_ROWS_H
#define HB_READER_CGROUP_ROWS_H

#include "reader/maps/report.h"

struct cgroup_row {
	const char *path;		      /* the leaf's name if the path is not known */
	char container[CGROUP_CONTAINER_LEN]; /* or empty */
	uint64_t last_beat;
	uint64_t beats;
	const uint64_t *ids; /* of the control groups with this path */
	size_t id_count;
};

struct cgroup_rows {
	size_t count;
	struct cgroup_row *rows; /* by path */
	uint64_t *ids;
};

/**
 * cgroup_rows_find - find the rows of @report, which must outlive them
 * Returns 0 or -ENOMEM; release the result in any case.
 */
int cgroup_rows_find(const struct report *report, struct cgroup_rows *rows);

void cgroup_rows_release(struct cgroup_rows *rows);

#endif
