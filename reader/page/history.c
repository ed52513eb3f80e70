// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/page/history.h"

enum {
	KEY_LEN = HB_COMM_LEN, /* a program's name, or a cgroup's number and zeros */
	POINTS_KEPT = HISTORY_POINTS + 1,
};

struct series {
	char key[KEY_LEN];
	uint64_t total;		      /* as added last */
	uint32_t points[POINTS_KEPT]; /* the oldest first */
};

struct list {
	size_t count;
	struct series *series; /* by key */
};

struct history {
	bool begun;
	struct list programs;
	struct list cgroups;
};

struct history *history_new(void)
{
	return calloc(1, sizeof(struct history));
}

void history_free(struct history *history)
{
	if (!history)
		return;
	free(history->programs.series);
	free(history->cgroups.series);
	free(history);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, KEY_LEN);
}

static const struct series *find(const struct list *list, const char key[KEY_LEN])
{
	return list->count > 0
		       ? bsearch(key, list->series, list->count, sizeof(*list->series), compare)
		       : NULL;
}

static void key_of_cgroup(char key[KEY_LEN], uint64_t id)
{
	memset(key, 0, KEY_LEN);
	memcpy(key, &id, sizeof(id));
}

static void continue_series(const struct history *history, const struct list *old,
			    struct series *series)
{
	const struct series *before = find(old, series->key);
	uint64_t had = before ? before->total : 0;
	uint64_t beats = 0;

	if (before)
		memcpy(series->points, before->points + 1,
		       sizeof(before->points) - sizeof(before->points[0]));
	if (history->begun && series->total > had)
		beats = series->total - had;
	series->points[POINTS_KEPT - 1] = beats < UINT32_MAX ? (uint32_t)beats : UINT32_MAX;
}

static void continue_all(const struct history *history, const struct list *old, struct list *new)
{
	for (size_t i = 0; i < new->count; i++)
		continue_series(history, old, &new->series[i]);
	if (new->count > 0)
		qsort(new->series, new->count, sizeof(*new->series), compare);
}

static int allocate(struct list *list, size_t count)
{
	list->count = count;
	list->series = calloc(count ? count : 1, sizeof(*list->series));
	return list->series ? 0 : -ENOMEM;
}

int history_add(struct history *history, const struct snapshot *snapshot)
{
	struct list programs;
	struct list cgroups;

	if (allocate(&programs, snapshot->program_count) < 0)
		return -ENOMEM;
	if (allocate(&cgroups, snapshot->cgroup_count) < 0) {
		free(programs.series);
		return -ENOMEM;
	}
	for (size_t i = 0; i < programs.count; i++) {
		memcpy(programs.series[i].key, snapshot->programs[i].name, KEY_LEN);
		programs.series[i].total = snapshot->programs[i].beats;
	}
	for (size_t i = 0; i < cgroups.count; i++) {
		key_of_cgroup(cgroups.series[i].key, snapshot->cgroups[i].id);
		cgroups.series[i].total = snapshot->cgroups[i].record.beats;
	}
	continue_all(history, &history->programs, &programs);
	continue_all(history, &history->cgroups, &cgroups);
	free(history->programs.series);
	free(history->cgroups.series);
	history->programs = programs;
	history->cgroups = cgroups;
	history->begun = true;
	return 0;
}

static void sum(const struct list *list, const char key[KEY_LEN], bool aged,
		uint64_t points[HISTORY_POINTS])
{
	const struct series *series = find(list, key);

	for (size_t i = 0; series && i < HISTORY_POINTS; i++)
		points[i] += series->points[aged ? i : i + 1];
}

void history_sum_program(const struct history *history, const char name[HB_COMM_LEN], bool aged,
			 uint64_t points[HISTORY_POINTS])
{
	sum(&history->programs, name, aged, points);
}

void history_sum_cgroup(const struct history *history, uint64_t id, bool aged,
			uint64_t points[HISTORY_POINTS])
{
	char key[KEY_LEN];

	key_of_cgroup(key, id);
	sum(&history->cgroups, key, aged, points);
}
