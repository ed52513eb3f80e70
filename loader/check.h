/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-load check: find out whether a load would succeed, and what is missing. */
#ifndef HB_LOADER_CHECK_H
#define HB_LOADER_CHECK_H

#include "loader/options.h"

/**
 * check_run - print each need of a load on a line: ok, or missing with the fix; then the settings
 * Returns 0, or -EIO if a load would fail.
 */
int check_run(struct load_options *options);

#endif
