/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-read status: shows what is loaded, its counters and its reader slots. */
#ifndef HB_READER_STATUS_H
#define HB_READER_STATUS_H

#include <stdio.h>

#include "reader/maps/missed.h"
#include "reader/maps/slot_states.h"
#include "reader/maps/snapshot.h"
#include "reader/options.h"

/* What both writers print. */
struct status {
	const char *pin_dir;
	struct snapshot snapshot;
	struct slot_status slots[HB_READERS_MAX];
	int missed_known; /* 0, or -errno if `missed` is not */
	struct missed missed;
};

/**
 * status_run - print the status as text or as one JSON object
 * Returns 0 or -errno, logged.
 */
int status_run(const struct read_options *options);

/* Writers for text_print(), with a struct status as data: lines for people, or one JSON object. */
int status_write_text(FILE *stream, const void *status);
int status_write_json(FILE *stream, const void *status);

#endif
