/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tells which reader slots are in use, and by which process. */
#ifndef HB_READER_SLOT_STATES_H
#define HB_READER_SLOT_STATES_H

#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"

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

/**
 * slot_states_find - find the states of the first @count slots below @pin_dir
 * @open: a bit mask of the slots that are open
 */
void slot_states_find(const char *pin_dir, uint64_t open, uint32_t count,
		      struct slot_status slots[HB_READERS_MAX]);

#endif
