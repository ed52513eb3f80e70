/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes the metrics, in Prometheus' text format, version 0.0.4, or as OpenMetrics 1.0. */
#ifndef HB_READER_METRICS_H
#define HB_READER_METRICS_H

#include <stdint.h>
#include <stdio.h>

#include "reader/maps/report.h"

enum metrics_format {
	METRICS_TEXT,
	METRICS_OPENMETRICS,
};

/* Values as they are at this moment, which anybody may know. */
struct metrics_now {
	uint32_t considered; /* processes */
	uint64_t unix_ns;    /* the time of day */
	const char *blind;   /* the result of probe_run(): NULL if the hooks fire */
};

/** metrics_content_type - the content type of @format */
const char *metrics_content_type(enum metrics_format format);

/** metrics_write - write @now and @report to @stream. Returns 0 or -ENOMEM */
int metrics_write(FILE *stream, enum metrics_format format, const struct metrics_now *now,
		  const struct report *report);

#endif
