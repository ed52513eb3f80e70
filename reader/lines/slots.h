/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Claims and releases reader slots.
 *
 * A reader holds a slot by a lock on its directory, which the kernel releases when the reader dies.
 * A slot is open while its bit is set in a mask that is shared with the kernel: then each beat goes
 * to its ring. An open slot without a lock is an orphan: its reader was killed. "Memory order" in
 * bpf/README.md says how the mask may be read and changed.
 */
#ifndef HB_READER_SLOTS_H
#define HB_READER_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "reader/lines/ring.h"

struct slots {
	const char *pin_dir;
	uint32_t count;
	uint64_t *open;	   /* the shared mask; NULL: no permission to change it */
	uint64_t unusable; /* mask of slots whose ring cannot be read */
	uint32_t mine;	   /* slot that this process has claimed; HB_READERS_MAX: none */
	uint64_t orphan_since[HB_READERS_MAX]; /* boot time; 0: it was none */
};

/* The slot that this reader holds, and its ring. */
struct slot {
	uint32_t number;
	bool adopted; /* from a killed reader, which may have left unread beats in the ring */
	int lock;
	int ring_fd;
	int lost_fd;
	uint64_t lost_before; /* beats lost in this slot before it was claimed */
	struct ring ring;
};

/**
 * slots_open - open the slots below @pin_dir; release with slots_close() in any case
 * Returns 0 or -errno, logged; but -EACCES is not: much can be done without a slot. Nor is -EPERM:
 * a member of the group has frozen the mask.
 */
int slots_open(struct slots *slots, const char *pin_dir, const struct hb_meta *meta);

void slots_close(struct slots *slots);

/**
 * slots_claim - take an orphaned slot, or else a free one
 *
 * A member of the group may have frozen a ring, or root may have removed it: then this slot is
 * reported, and the next one is tried. Returns 0; -EACCES, or -EPERM if there is no next one, not
 * logged; or another -errno, logged. -EBUSY names the holders of all slots.
 */
int slots_claim(struct slots *slots, struct slot *slot);

/** slots_lost - how many beats the kernel has lost since the slot was claimed; 0 or -errno */
int slots_lost(const struct slot *slot, uint64_t *lost);

/**
 * slots_repair - open the slot again, and let the kernel know again that @position comes next
 *
 * A member of the group may close the slot of another, or move its position so that the kernel never
 * wakes the reader. Returns whether somebody did.
 */
bool slots_repair(struct slots *slots, struct slot *slot, unsigned long position);

/** slots_shut - close the slot for beats, and drop the unread ones */
void slots_shut(struct slots *slots, struct slot *slot);

/**
 * slots_release - release the slot
 * Without slots_shut() before, another reader adopts it as if this one was killed.
 */
void slots_release(struct slot *slot);

/**
 * slots_sweep - close slots that have been orphans for a minute: nobody prints beats that old
 * @now: boot time
 */
void slots_sweep(struct slots *slots, uint64_t now);

#endif
