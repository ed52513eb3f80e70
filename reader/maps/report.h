/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All that the metrics and the page tell, at one moment. */
#ifndef HB_READER_REPORT_H
#define HB_READER_REPORT_H

#include "reader/maps/collector.h"
#include "reader/maps/missed.h"
#include "reader/maps/cgroup_tree.h"
#include "reader/maps/process_metrics.h"
#include "reader/maps/snapshot.h"

/* Where samples are taken from. */
struct report_source {
	const char *pin_dir;
	struct snapshot_source *source;
	const struct collector *collector;
};

struct report {
	struct snapshot snapshot;
	struct cgroup_tree *tree; /* where the cgroups are; NULL in an empty report */
	uint32_t readers_open;
	uint32_t readers_orphaned;
	uint32_t readers_free;
	bool missed_known; /* to root */
	struct missed missed;
	uint64_t collector_ns; /* of this process's last collection; 0: it made none */
	struct process_metrics self;
};

/**
 * report_take - take one; release it with report_release(), in any case
 * Returns 0 or -errno, logged.
 */
int report_take(const struct report_source *report_source, struct report *report);

void report_release(struct report *report);

#endif
