/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The metrics page, in Prometheus' text format, version 0.0.4. */
#ifndef HB_READER_METRICS_H
#define HB_READER_METRICS_H

#include <stdio.h>

#include "snapshot.h"

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/**
 * metrics_write - write the page for @now to @stream
 * @aged: NULL for whoever may read the maps; else the page is for whoever asks, with no program in
 *	  it, and the counters are those of this older snapshot: read again and again, counters that
 *	  go up with each beat tell the time of each key press
 */
void metrics_write(FILE *stream, const struct snapshot *now, const struct snapshot *aged);

#endif
