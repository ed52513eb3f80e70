// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/array.h"
#include "reader/maps/cgroup_rows.h"
#include "reader/maps/cgroup_tree.h"
#include "reader/maps/claims.h"

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct cgroup_row *)a)->path, ((const struct cgroup_row *)b)->path);
}

static int add(struct cgroup_rows *rows, const struct snapshot *snapshot,
	       const struct snapshot_cgroup *cgroup, const char *path)
{
	struct cgroup_row *row = array_append(rows->rows, rows->count);

	if (!row)
		return -ENOMEM;
	*row = (struct cgroup_row){.cgroup = cgroup, .path = strdup(path)};
	claims_container(snapshot, cgroup->id, row->container);
	return row->path ? 0 : -ENOMEM;
}

int cgroup_rows_find(const struct report *report, struct cgroup_rows *rows)
{
	const struct snapshot *snapshot = &report->snapshot;
	char path[CGROUP_PATH_MAX];
	int r = 0;

	*rows = (struct cgroup_rows){0};
	for (size_t i = 0; r == 0 && i < snapshot->cgroup_count; i++) {
		const struct snapshot_cgroup *cgroup = &snapshot->cgroups[i];

		if (cgroup->record.last_beat == 0 && cgroup->record.last_key == 0)
			continue;
		if (cgroup_tree_path(snapshot, cgroup->id, path) == 0)
			r = add(rows, snapshot, cgroup, path);
	}
	if (r == 0 && rows->count > 1)
		qsort(rows->rows, rows->count, sizeof(*rows->rows), compare);
	return r;
}

void cgroup_rows_release(struct cgroup_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free(rows->rows[i].path);
	free(rows->rows);
	*rows = (struct cgroup_rows){0};
}
