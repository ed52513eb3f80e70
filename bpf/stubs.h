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
	STUB_READ_EXIT = 0,
};

/* Array `raw_tracepoints`. */
enum {
	STUB_EXEC = 0,
	STUB_EXIT = 1,
	STUB_FORK = 2,
	STUB_RENAME = 3,
	STUB_CGROUP_MKDIR = 4,
	STUB_CGROUP_ATTACH = 5,
	STUB_CGROUP_RMDIR = 6,
};

enum { STUBS_MAX = 16 }; /* size of each array: room for later hooks */

#endif
