/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-load unload: detach the hooks and remove the pins. */
#ifndef HB_LOADER_UNLOAD_H
#define HB_LOADER_UNLOAD_H

#include "loader/options.h"

/**
 * unload_run - remove the pins, the hooks' first, and the leftovers of interrupted runs
 *
 * The kernel frees maps and programs when the last reader closes them. Returns 0 or -errno, logged;
 * -ENOENT: nothing is loaded.
 */
int unload_run(const struct load_options *options);

#endif
