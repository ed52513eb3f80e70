/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers the elements of the program arrays that the stubs jump through.
 *
 * Attached stubs and pinned arrays survive upgrades, so these numbers must never change.
 */
#ifndef HB_STUBS_H
#define HB_STUBS_H

/* Array `tracepoints`. */
enum {
	STUB_READ_ENTER = 0,
	STUB_READ_EXIT = 1,
};

/* Array `raw_tracepoints`. */
enum {
	STUB_EXEC = 0,
	STUB_EXIT = 1,
	STUB_CGROUP_RMDIR = 2,
};

enum { STUBS_MAX = 8 }; /* elements of each array, with room for later hooks */

#endif
