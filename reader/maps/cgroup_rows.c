// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/lib/cleanup.h"
#include "reader/maps/cgroup_rows.h"

struct entry {
	const char *path;
	const struct snapshot_cgroup *cgroup;
};

static int compare(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;

	return strcmp(x->path, y->path);
}

static void add(struct cgroup_rows *rows, const struct entry *entry, uint64_t *id)
{
	const struct hb_cgroup *record = &entry->cgroup->record;
	struct cgroup_row *row = &rows->rows[rows->count];

	if (rows->count > 0 && strcmp(row[-1].path, entry->path) == 0) {
		row--;
	} else {
		row->path = entry->path;
		cgroup_container(row->path, row->container);
		row->ids = id;
		rows->count++;
	}
	*id = entry->cgroup->id;
	row->id_count++;
	row->beats += record->beats;
	if (record->last_beat > row->last_beat)
		row->last_beat = record->last_beat;
}

int cgroup_rows_find(const struct report *report, struct cgroup_rows *rows)
{
	const struct snapshot *snapshot = &report->snapshot;
	size_t count = snapshot->cgroup_count;
	_cleanup_free_ struct entry *entries = NULL;

	/* One more: calloc(0) may return NULL. */
	entries = calloc(count + 1, sizeof(*entries));
	*rows = (struct cgroup_rows){
		.rows = calloc(count + 1, sizeof(*rows->rows)),
		.ids = calloc(count + 1, sizeof(*rows->ids)),
	};
	if (!entries || !rows->rows || !rows->ids)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const struct snapshot_cgroup *cgroup = &snapshot->cgroups[i];
		const char *path = report->tree ? cgroup_tree_path(report->tree, cgroup->id) : NULL;

		entries[i] = (struct entry){path ? path : cgroup->record.name, cgroup};
	}
	qsort(entries, count, sizeof(*entries), compare);
	for (size_t i = 0; i < count; i++)
		add(rows, &entries[i], &rows->ids[i]);
	return 0;
}

void cgroup_rows_release(struct cgroup_rows *rows)
{
	free(rows->rows);
	free(rows->ids);
	*rows = (struct cgroup_rows){0};
}
