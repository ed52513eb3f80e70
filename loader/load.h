/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-load load: load the heartbeat for the first time, or upgrade what is loaded. */
#ifndef HB_LOADER_LOAD_H
#define HB_LOADER_LOAD_H

#include "bpf/lib/log.h"
#include "loader/options.h"

struct hb_meta;

/**
 * load_run - load, or upgrade what is loaded
 *
 * A first load is prepared in a directory beside the pin directory. Its last step renames that into
 * place: killed before, it leaves nothing but leftovers that the next run removes. An upgrade
 * replaces programs and entries in place, each in one step; nothing that readers hold moves.
 * Returns 0 or -errno, logged.
 */
int load_run(const struct load_options *options);

/**
 * load_check_upgrade - check that what is loaded at options->pin_dir can be upgraded
 * @meta: receives what is loaded
 *
 * It must be complete, of our ABI, and of the sizes that @options ask for. Returns 0, or -errno with
 * the reason in @why, or logged if that is NULL.
 */
int load_check_upgrade(const struct load_options *options, struct hb_meta *meta,
		       struct reason *why);

/** load_choose_sizes - set the sizes in @meta that a first load has by @options */
void load_choose_sizes(const struct load_options *options, struct hb_meta *meta);

#endif
