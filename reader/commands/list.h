/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-read list: the considered processes. */
#ifndef HB_READER_LIST_H
#define HB_READER_LIST_H

#include "reader/options.h"

/**
 * list_run - print the considered processes as a table or as JSON, an object a line; with --watch
 *	      again and again until SIGINT or SIGTERM
 *
 * Returns 0 or -errno, logged.
 */
int list_run(const struct read_options *options);

#endif
