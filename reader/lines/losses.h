/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts the beats that a reader loses, and reports them on standard error. */
#ifndef HB_READER_LOSSES_H
#define HB_READER_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

#include "reader/lines/slots.h"
#include "reader/loop.h"

struct losses {
	const struct slot *slot; /* knows what the kernel could not put into the ring */
	struct loop *loop;
	int timer;
	bool armed;	     /* the timer is */
	uint64_t checked_at; /* boot time; 0: never */
	uint64_t stale;	     /* left behind by a killed reader, and too old to print */
	uint64_t abandoned;  /* standard output did not take them in time */
	uint64_t reported;   /* on standard error */
	uint64_t unprinted;  /* of these, not yet on standard output, for JSON */
};

/**
 * losses_start - report the losses of @slot; @on_timer is called when a delayed check is due
 * Returns 0 or -errno, not logged.
 */
int losses_start(struct losses *losses, const struct slot *slot, struct loop *loop,
		 loop_handler on_timer, void *data);

/** losses_report - report what was lost since the last report */
void losses_report(struct losses *losses);

/**
 * losses_check - report now, or arm the timer if the last check was less than a second ago
 * Returns 0 or -errno, logged.
 */
int losses_check(struct losses *losses, uint64_t now);

/** losses_abandon - count the @beats that are formatted, and those in @ring before @end; report */
void losses_abandon(struct losses *losses, uint64_t beats, struct ring *ring, unsigned long end);

#endif
