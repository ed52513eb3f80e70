/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The HTTP server of hb-read: where it listens, and what it answers. */
#ifndef HB_READER_HTTP_H
#define HB_READER_HTTP_H

#include "reader/maps/collector.h"
#include "reader/loop.h"
#include "reader/options.h"
#include "reader/maps/snapshot.h"

struct http;

/**
 * http_start - listen where @options says and answer from @source, inside @loop
 * @collector: whose collections the metrics tell
 * @required: failing to listen at the default address is fatal too (hb-read serve)
 *
 * Returns 0 (*@http may be NULL: nothing to listen on, or the default port was taken, which is
 * said) or -errno, logged.
 */
int http_start(struct loop *loop, const struct read_options *options, bool required,
	       struct snapshot_source *source, const struct collector *collector,
	       struct http **http);

void http_stop(struct http *http);

#endif
