/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints what a load has loaded, or what it has changed. */
#ifndef HB_LOADER_SUMMARY_H
#define HB_LOADER_SUMMARY_H

#include "loader/options.h"

/* The settings of a load. */
struct summary {
	struct hb_meta meta;
	struct names programs;
	struct names busy;
	bool has_group;
	gid_t gid;
};

/**
 * summary_note - note what is loaded, before it changes
 * @meta: of what is loaded
 * @programs, @busy: the maps of watched and of busy programs
 *
 * Returns 0 or -errno, logged.
 */
int summary_note(struct summary *before, const char *dir, const struct hb_meta *meta, int programs,
		 int busy);

/** summary_print_loaded - print a line about a first load */
void summary_print_loaded(const struct hb_meta *meta, const struct load_options *options);

/** summary_print_changes - print a line with what is different now, after an upgrade */
void summary_print_changes(const struct summary *before, const struct hb_meta *meta,
			   const struct load_options *options);

#endif
