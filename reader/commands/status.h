/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-read status: what is loaded, and how it fares. */
#ifndef HB_READER_STATUS_H
#define HB_READER_STATUS_H

#include <stdio.h>

#include "reader/lines/slot_states.h"
#include "reader/maps/missed.h"
#include "reader/options.h"
#include "reader/maps/snapshot.h"

/* All that is told, by either writer. */
struct status {
	const char *pin_dir;
	struct snapshot snapshot;
	struct slot_status slots[HB_READERS_MAX];
	int missed_known; /* 0, or why `missed` is not: -errno */
	struct missed missed;
};

/**
 * status_run - print the status as text or as one JSON object
 * Returns 0 or -errno, logged.
 */
int status_run(const struct read_options *options);

/** status_print - write @status in lines for people; 0 or -ENOMEM */
int status_print(const struct status *status, FILE *stream);

/** status_print_json - write @status as one JSON object on a line */
void status_print_json(const struct status *status, FILE *stream);

#endif
