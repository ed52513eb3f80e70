// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reader/page/history.h"

/* A letter for the kind, then a program's name, or a cgroup's id and zeros. */
struct key {
	char bytes[1 + HB_COMM_LEN];
};

struct series {
	struct key key;
	uint64_t total;			 /* as added last */
	uint32_t points[HISTORY_POINTS]; /* the oldest first */
};

struct history {
	bool begun;
	size_t count;
	struct series *series; /* by key */
};

struct history *history_new(void)
{
	return calloc(1, sizeof(struct history));
}

void history_free(struct history *history)
{
	if (!history)
		return;
	free(history->series);
	free(history);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct key));
}

static const struct series *find(const struct history *history, struct key key)
{
	if (history->count == 0)
		return NULL;
	return bsearch(&key, history->series, history->count, sizeof(*history->series), compare);
}

static struct key key_of_program(const char name[HB_COMM_LEN])
{
	struct key key = {"p"};

	memcpy(key.bytes + 1, name, HB_COMM_LEN);
	return key;
}

static struct key key_of_cgroup(uint64_t id)
{
	struct key key = {"c"};

	memcpy(key.bytes + 1, &id, sizeof(id));
	return key;
}

static void continue_series(struct series *series, const struct history *history, struct key key,
			    uint64_t total)
{
	const struct series *before = find(history, key);
	uint64_t had = before ? before->total : 0;
	uint64_t beats = history->begun && total > had ? total - had : 0;

	series->key = key;
	series->total = total;
	if (before)
		memcpy(series->points, before->points + 1,
		       sizeof(before->points) - sizeof(before->points[0]));
	series->points[HISTORY_POINTS - 1] = beats < UINT32_MAX ? (uint32_t)beats : UINT32_MAX;
}

int history_add(struct history *history, const struct snapshot *snapshot)
{
	size_t count = snapshot->program_count + snapshot->cgroup_count;
	struct series *all;
	struct series *next;

	/* One more: calloc(0) may return NULL. */
	all = next = calloc(count + 1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->program_count; i++)
		continue_series(next++, history, key_of_program(snapshot->programs[i].name),
				snapshot->programs[i].beats);
	for (size_t i = 0; i < snapshot->cgroup_count; i++)
		continue_series(next++, history, key_of_cgroup(snapshot->cgroups[i].id),
				snapshot->cgroups[i].record.beats);
	qsort(all, count, sizeof(*all), compare);
	free(history->series);
	*history = (struct history){.begun = true, .count = count, .series = all};
	return 0;
}

static void sum(const struct history *history, struct key key, uint64_t points[HISTORY_POINTS])
{
	const struct series *series = find(history, key);

	for (size_t i = 0; series && i < HISTORY_POINTS; i++)
		points[i] += series->points[i];
}

void history_sum_program(const struct history *history, const char name[HB_COMM_LEN],
			 uint64_t points[HISTORY_POINTS])
{
	sum(history, key_of_program(name), points);
}

void history_sum_cgroup(const struct history *history, uint64_t id, uint64_t points[HISTORY_POINTS])
{
	sum(history, key_of_cgroup(id), points);
}
