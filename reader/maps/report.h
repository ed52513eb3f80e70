/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Collects all that the metrics, the page, /activity and /healthz show, at one moment. */
#ifndef HB_READER_REPORT_H
#define HB_READER_REPORT_H

#include "reader/maps/cgroup_names.h"
#include "reader/maps/collector.h"
#include "reader/maps/missed.h"
#include "reader/maps/process_metrics.h"
#include "reader/maps/snapshot.h"

/* Where reports are taken from. */
struct report_source {
	const char *node; /* its name */
	const char *pin_dir;
	struct snapshot_source *source;
	const struct collector *collector;
};

struct report {
	const char *node;      /* its name; not owned */
	uint32_t resolution_s; /* of all times in it; 0: exact. See report_coarsen() */
	const char *home;      /* the kind of the only workspace in it, see home_word(), or NULL */
	char home_id[CGROUP_CONTAINER_LEN]; /* of that workspace */
	struct snapshot snapshot;
	uint32_t readers_open;
	uint32_t readers_orphaned;
	uint32_t readers_free;
	bool missed_known; /* only root can find out */
	struct missed missed;
	uint64_t collector_ns; /* duration of this process's last collection; 0: none so far */
	struct process_metrics self;
};

/**
 * report_take - take an exact report; release it with report_release(), in any case
 * Returns 0 or -errno, logged.
 */
int report_take(const struct report_source *source, struct report *report);

void report_release(struct report *report);

#endif
