/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks that this process has the privileges that a load needs. */
#ifndef HB_LOADER_PRIVILEGES_H
#define HB_LOADER_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "bpf/lib/log.h"

/** privileges_check_root - check that it is root. Returns like the next */
int privileges_check_root(struct reason *why);

/**
 * privileges_check - check that it is root, on the host, with what bpf(2) requires
 * Returns 0; or -EPERM with the reason in @why, or logged if that is NULL.
 */
int privileges_check(struct reason *why);

/* The steps of a load, after each of which it needs less. */
enum privileges_step {
	PRIVILEGES_CHECKED,   /* it is root, and the file systems are to be checked */
	PRIVILEGES_ATTACHED,  /* programs are loaded and attached */
	PRIVILEGES_WRITTEN,   /* maps are made and filled, and iterators have run */
	PRIVILEGES_PERMITTED, /* pins have the owner and group that they should have */
};

/** privileges_drop - give up what a load does not need once @done is done. Returns 0 or -errno, logged */
int privileges_drop(enum privileges_step done);

/** privileges_check_group - check that it can give what is, or will be, at @path to group @gid */
int privileges_check_group(gid_t gid, const char *path, struct reason *why);

#endif
