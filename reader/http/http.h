/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Runs the HTTP server of hb-read at all its addresses. */
#ifndef HB_READER_HTTP_H
#define HB_READER_HTTP_H

#include "reader/loop.h"
#include "reader/maps/collector.h"
#include "reader/maps/snapshot.h"
#include "reader/options.h"

struct http;

/**
 * http_start - listen at the addresses in @options and answer from @source, inside @loop
 * @collector: its collections are in the metrics
 * @required: failing to listen at the default address is fatal too (hb-read serve)
 *
 * Returns 0, or -errno, logged. With 0 *@http may be NULL: there is no address to listen at, or the
 * default port was taken, which is logged.
 */
int http_start(struct loop *loop, const struct read_options *options, bool required,
	       struct snapshot_source *source, const struct collector *collector,
	       struct http **http);

void http_stop(struct http *http);

#endif
