/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-read status: shows what is loaded, its counters and its reader slots. */
#ifndef HB_READER_STATUS_H
#define HB_READER_STATUS_H

#include <stdio.h>

#include "reader/maps/missed.h"
#include "reader/maps/snapshot.h"
#include "reader/options.h"

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

/** status_find_slots - who has which reader slot; of those that @snapshot says there are */
void status_find_slots(const char *pin_dir, const struct snapshot *snapshot,
		       struct slot_status slots[HB_READERS_MAX]);

/* Writers for text_print(), with a struct status as data: lines for people, or one JSON object. */
int status_write_text(FILE *stream, const void *status);
int status_write_json(FILE *stream, const void *status);

#endif
