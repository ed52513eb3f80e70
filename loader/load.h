/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-load load: from nothing, or from an older state, to the one asked for. */
#ifndef HB_LOADER_LOAD_H
#define HB_LOADER_LOAD_H

#include "loader/options.h"

struct hb_meta;

/**
 * load_run - load, or upgrade what is loaded
 *
 * A first load is staged in a directory beside, and renamed into place as its last step: killed
 * before, it leaves nothing but what the next run clears. An upgrade replaces single programs and
 * entries in place, each in one step; nothing that readers hold moves. Returns 0 or -errno, logged.
 */
int load_run(const struct load_options *options);

/**
 * load_check_sizes - see that @options ask for no other sizes than those loaded
 * Returns 0, or -EEXIST after one logged line.
 */
int load_check_sizes(const struct load_options *options, const struct hb_meta *meta);

/**
 * load_read_meta - pins_read_meta() of a pin directory that is there
 * One without `meta` is what something else left: -EEXIST after one logged line.
 */
int load_read_meta(const char *dir, struct hb_meta *meta);

/** load_staging_dir - name of the directory beside @pin_dir, in @path of PINS_PATH_MAX bytes */
void load_staging_dir(const char *pin_dir, char *path);

#endif
