/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-read status: what is loaded, and how it fares. */
#ifndef HB_READER_STATUS_H
#define HB_READER_STATUS_H

#include <stdio.h>

#include "reader/maps/missed.h"
#include "reader/options.h"
#include "reader/maps/snapshot.h"

enum slot_state {
	SLOT_FREE,
	SLOT_HELD,
	SLOT_ORPHANED, /* its reader was killed: the next one adopts it */
	SLOT_OPEN,     /* by a reader that this pid namespace does not show, or an orphan */
};

struct slot_status {
	enum slot_state state;
	uint32_t pid; /* of the holder */
	char command[HB_COMM_LEN];
};

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

/** status_find_slots - who has which reader slot; of those that @snapshot says there are */
void status_find_slots(const char *pin_dir, const struct snapshot *snapshot,
		       struct slot_status slots[HB_READERS_MAX]);

/** status_print - write @status in lines for people; 0 or -ENOMEM */
int status_print(const struct status *status, FILE *stream);

/** status_print_json - write @status as one JSON object on a line */
void status_print_json(const struct status *status, FILE *stream);

#endif
