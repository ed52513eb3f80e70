/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reader slots. A slot is taken by a lock on its directory, which the kernel gives up when the
 * reader dies, and open while its bit is set in a mask that is shared with the kernel: then each
 * beat goes to its ring. An open slot that nobody has locked is an orphan: its reader was killed.
 */
#ifndef HB_READER_SLOTS_H
#define HB_READER_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "reader/lines/ring.h"

enum { SLOTS_NONE = UINT32_MAX };

struct slots {
	const char *pin_dir;
	uint32_t count;
	uint64_t *open; /* the shared mask; NULL: the user may not change it */
	uint32_t mine;	/* SLOTS_NONE: none */
	uint64_t orphan_since[HB_READERS_MAX]; /* boot time; 0: not seen as one */
};

/* A slot that is ours, and its ring. */
struct slot {
	uint32_t number;
	bool adopted; /* from a reader that was killed: unread beats may be in the ring */
	int lock;
	int ring_fd;
	int lost_fd;
	uint64_t lost_before; /* beats that the kernel had counted lost when the slot was claimed */
	struct ring ring;
};

/**
 * slots_open - get at the slots of what is loaded at @pin_dir
 * Returns 0 or -errno; -EACCES is not logged: there is much to do without. Release with
 * slots_close() in any case.
 */
int slots_open(struct slots *slots, const char *pin_dir, const struct hb_meta *meta);

void slots_close(struct slots *slots);

/**
 * slots_claim - take a slot: an orphan if there is one, else one that is free
 *
 * Returns 0; -EACCES, not logged; -EBUSY, logged with who has the slots; or another -errno, logged.
 */
int slots_claim(struct slots *slots, struct slot *slot);

/** slots_lost - how many beats the kernel has lost since the slot was claimed; 0 or -errno */
int slots_lost(const struct slot *slot, uint64_t *lost);

/** slots_shut - let no more beats into the ring, and drop those that are there */
void slots_shut(struct slots *slots, struct slot *slot);

/**
 * slots_release - give the slot up
 * Without slots_shut() before, it is left to another reader as if this one was killed.
 */
void slots_release(struct slots *slots, struct slot *slot);

/**
 * slots_sweep - shut slots that were seen to be orphans for a minute: their beats are too old to be
 * printed by anybody
 * @now: boot time
 */
void slots_sweep(struct slots *slots, uint64_t now);

#endif
