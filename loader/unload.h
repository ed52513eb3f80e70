/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-load unload: detach and remove everything of ours. */
#ifndef HB_LOADER_UNLOAD_H
#define HB_LOADER_UNLOAD_H

#include "loader/options.h"

/**
 * unload_run - remove the pins, the hooks' first, and what an interrupted load left
 *
 * The kernel frees maps and programs as the last reader closes them. Returns 0, or -errno after one
 * logged line; -ENOENT: nothing is loaded.
 */
int unload_run(const struct load_options *options);

#endif
