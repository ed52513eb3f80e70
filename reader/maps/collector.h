/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Garbage collection: the kernel does it when a certain pinned file is read to its end. */
#ifndef HB_READER_COLLECTOR_H
#define HB_READER_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct collector {
	const char *pin_dir;
	dev_t device; /* of the pinned `meta`: whether this is still what was loaded at the start */
	ino_t inode;
	int verdicts; /* the maps that are collected from, or -errno: not to be looked at */
	int processes;
	bool failing;	  /* and that was said */
	uint64_t took_ns; /* the last collection that worked; 0: there was none */
};

/**
 * collector_init - to collect for what is loaded at @pin_dir now
 * Returns 0 or -errno, logged. Release with collector_close().
 */
int collector_init(struct collector *collector, const char *pin_dir);

/** collector_close - also of one that is zeroed */
void collector_close(struct collector *collector);

/**
 * collector_run - delete verdicts 0, and what dead processes left, if there is anything at all
 *
 * Returns 0, also after a failure, which is said once; or -ENOENT, logged: it is not loaded any
 * more.
 */
int collector_run(struct collector *collector);

#endif
