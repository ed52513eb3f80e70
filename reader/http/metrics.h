/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The metrics page, in Prometheus' text format, version 0.0.4, or as OpenMetrics 1.0. */
#ifndef HB_READER_METRICS_H
#define HB_READER_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "reader/maps/report.h"

enum metrics_format {
	METRICS_TEXT,
	METRICS_OPENMETRICS,
};

/* What is told as it is at this moment, to anybody. */
struct metrics_now {
	uint32_t considered; /* processes */
	bool hooks_alive;    /* probe_run() had nothing to say */
};

/** metrics_content_type - of a page in @format */
const char *metrics_content_type(enum metrics_format format);

/**
 * metrics_write - write the page to @stream
 * @report: everything else
 * @detailed: for who may read the maps. Else times are coarse, users' cgroups are told together,
 *	      and @report must be an older one: read again and again, counters that go up with each
 *	      beat tell the time of each key press
 *
 * Returns 0 or -ENOMEM.
 */
int metrics_write(FILE *stream, enum metrics_format format, const struct metrics_now *now,
		  const struct report *report, bool detailed);

#endif
