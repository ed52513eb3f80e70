/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Collects garbage: the kernel does it while a certain pinned file is read to its end. */
#ifndef HB_READER_COLLECTOR_H
#define HB_READER_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct collector {
	const char *pin_dir;
	dev_t device; /* of the pinned `meta`, to notice another load */
	ino_t inode;
	bool failing;	  /* and that was logged */
	uint64_t took_ns; /* duration of the last collection that worked; 0: none did */
};

/**
 * collector_init - prepare to collect from what is loaded at @pin_dir now
 * Returns 0 or -errno, logged.
 */
int collector_init(struct collector *collector, const char *pin_dir);

/**
 * collector_run - delete the verdicts 0 and what dead processes left behind, and repair the records
 *
 * Returns 0, also after a failure, which is logged once; or -ENOENT, logged: it is no longer loaded.
 */
int collector_run(struct collector *collector);

#endif
