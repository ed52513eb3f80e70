// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/maps/cgroup_rows.h"

/* Cut @path before the first part that tells a user's number. */
static void cut_user(char *path)
{
	char *part = path;

	while (part && *part != '\0') {
		char *end;

		part += *part == '/';
		end = strchr(part, '/');
		if (end)
			*end = '\0';
		if (cgroup_names_user(part)) {
			*part = '\0';
			/* The slash of a leading one is the root; any other is the end of a name.
			 */
			if (part - path > 1)
				part[-1] = '\0';
			return;
		}
		if (end)
			*end = '/';
		part = end;
	}
}

static int fill(struct cgroup_row *group, const struct report *report,
		const struct history *history, bool detailed, const struct snapshot_cgroup *cgroup)
{
	const char *path = report->tree ? cgroup_tree_path(report->tree, cgroup->id) : NULL;

	group->path =
		path ? strdup(path) : strndup(cgroup->record.name, sizeof(cgroup->record.name));
	if (!group->path)
		return -ENOMEM;
	if (!detailed)
		cut_user(group->path);
	if (cgroup_container(group->path, group->container) < 0)
		group->container[0] = '\0';
	group->last_beat = cgroup->record.last_beat;
	group->beats = cgroup->record.beats;
	if (history)
		history_sum_cgroup(history, cgroup->id, !detailed, group->points);
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct cgroup_row *x = a;
	const struct cgroup_row *y = b;

	return strcmp(x->path, y->path);
}

static void add_up(struct cgroup_row *group, const struct cgroup_row *other)
{
	if (other->last_beat > group->last_beat)
		group->last_beat = other->last_beat;
	group->beats += other->beats;
	for (size_t i = 0; i < HISTORY_POINTS; i++)
		group->points[i] += other->points[i];
}

static void merge(struct cgroup_rows *groups)
{
	size_t kept = 0;

	for (size_t i = 1; i < groups->count; i++) {
		if (strcmp(groups->groups[i].path, groups->groups[kept].path) == 0) {
			add_up(&groups->groups[kept], &groups->groups[i]);
			free(groups->groups[i].path);
		} else {
			groups->groups[++kept] = groups->groups[i];
		}
	}
	if (groups->count > 0)
		groups->count = kept + 1;
}

int cgroup_rows_find(const struct report *report, const struct history *history, bool detailed,
		     struct cgroup_rows *groups)
{
	size_t count = report->snapshot.cgroup_count;

	groups->count = 0;
	groups->groups = calloc(count ? count : 1, sizeof(*groups->groups));
	if (!groups->groups)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (fill(&groups->groups[i], report, history, detailed,
			 &report->snapshot.cgroups[i]) < 0)
			return -ENOMEM;
		groups->count++;
	}
	if (count > 0)
		qsort(groups->groups, count, sizeof(*groups->groups), compare);
	merge(groups);
	return 0;
}

void cgroup_rows_release(struct cgroup_rows *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		free(groups->groups[i].path);
	free(groups->groups);
	*groups = (struct cgroup_rows){0};
}
