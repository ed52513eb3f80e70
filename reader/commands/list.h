/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-read list: shows the processes of watched programs. */
#ifndef HB_READER_LIST_H
#define HB_READER_LIST_H

#include "reader/options.h"

/**
 * list_run - print the processes as a table, or as JSON with one object per line
 * With --watch it prints them repeatedly, until SIGINT or SIGTERM. Returns 0 or -errno, logged.
 */
int list_run(const struct read_options *options);

#endif
