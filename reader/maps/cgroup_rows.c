// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static void sum_up(const struct report *report, struct entry *entries, struct cgroup_rows *rows)
{
	size_t count = report->snapshot.cgroup_count;

	for (size_t i = 0; i < count; i++) {
		const struct snapshot_cgroup *cgroup = &report->snapshot.cgroups[i];
		const char *path = report->tree ? cgroup_tree_path(report->tree, cgroup->id) : NULL;

		entries[i] = (struct entry){path ? path : cgroup->record.name, cgroup};
	}
	qsort(entries, count, sizeof(*entries), compare);
	for (size_t i = 0; i < count; i++)
		add(rows, &entries[i], &rows->ids[i]);
}

int cgroup_rows_find(const struct report *report, struct cgroup_rows *rows)
{
	/* One more: calloc(0) may return NULL. */
	size_t room = report->snapshot.cgroup_count + 1;
	struct entry *entries = calloc(room, sizeof(*entries));
	int r = -ENOMEM;

	*rows = (struct cgroup_rows){
		.rows = calloc(room, sizeof(*rows->rows)),
		.ids = calloc(room, sizeof(*rows->ids)),
	};
	if (entries && rows->rows && rows->ids) {
		sum_up(report, entries, rows);
		r = 0;
	}
	free(entries);
	return r;
}

void cgroup_rows_release(struct cgroup_rows *rows)
{
	free(rows->rows);
	free(rows->ids);
	*rows = (struct cgroup_rows){0};
}
