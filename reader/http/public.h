/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps the report that anybody may see, beside what exact answers are made from.
 *
 * It is taken each time boot time is a multiple of 8 seconds, coarsened at once, and shown 8 seconds
 * later: counters that rise with each key press would otherwise reveal its time to a client that
 * asks again and again.
 */
#ifndef HB_READER_PUBLIC_H
#define HB_READER_PUBLIC_H

#include <stdbool.h>
#include <stdint.h>

#include "reader/maps/probe.h"
#include "reader/maps/report.h"
#include "reader/node.h"
#include "reader/page/history.h"

struct public_state {
	struct report_source source;
	struct probe *probe;
	struct history *history; /* exact, like reports taken from `source` */
	/* For anybody: */
	struct report report;
	struct history *report_history;
	struct report next; /* empty until the first is taken */
	bool has_next;
	char host
		[NODE_NAME_LEN]; /* the host name: browsers may use it, whatever the node is called */
	uint32_t considered;	 /* counted at boot time `counted_at`; 0: never */
	uint64_t counted_at;
};

/**
 * public_start - take the first report, from @source, which is copied
 *
 * Returns 0 or -errno, logged; public_stop() in any case.
 */
int public_start(struct public_state *state, const struct report_source *source);

/** public_update_in - nanoseconds from @boot_ns until public_update() is to be called */
uint64_t public_update_in(uint64_t boot_ns);

/**
 * public_considered - the number of watched processes, counted again once per second at most
 *
 * A client that asks all the time would otherwise learn to the millisecond when an editor is started
 * and ended. Returns 0 or -errno.
 */
int public_considered(struct public_state *state, uint32_t *considered);

/** public_update - show the report that was taken last time, and take the next. Logs errors */
void public_update(struct public_state *state);

void public_stop(struct public_state *state);

#endif
