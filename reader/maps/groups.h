/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The control groups of a sample as the metrics and the page tell them: by path, each once. */
#ifndef HB_READER_GROUPS_H
#define HB_READER_GROUPS_H

#include "bpf/lib/cgroup.h"
#include "reader/page/history.h"
#include "reader/maps/sample.h"

struct group {
	char *path;			      /* where that is not known, the leaf's name */
	char container[CGROUP_CONTAINER_LEN]; /* or empty */
	uint64_t last_beat;
	uint64_t beats;
	uint64_t points[HISTORY_POINTS];
};

struct groups {
	size_t count;
	struct group *groups; /* by path */
};

/**
 * groups_find - those of @sample, with their points in @history (may be NULL)
 * @detailed: for who may read the maps; else what systemd names by a user's number is left out of
 *	      the paths, and told together with its parent
 *
 * Returns 0 or -ENOMEM; release the result in any case.
 */
int groups_find(const struct sample *sample, const struct history *history, bool detailed,
		struct groups *groups);

void groups_release(struct groups *groups);

#endif
