/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the answers of the HTTP server are made from. */
#ifndef HB_READER_PUBLIC_H
#define HB_READER_PUBLIC_H

#include <stdbool.h>
#include <stdint.h>

#include "reader/page/history.h"
#include "reader/maps/probe.h"
#include "reader/maps/report.h"

enum { PUBLIC_NODE_LEN = 256 };

struct public
{
	struct report_source report_source;
	struct probe *probe;
	struct history *history;
	struct report aged;    /* what anybody may see */
	struct report waiting; /* the next of those; empty before the first */
	bool is_waiting;
	char node[PUBLIC_NODE_LEN];
};

/**
 * public_start - have something for anybody
 * @collector: this process's
 *
 * Returns 0 or -errno, logged; public_stop() in any case.
 */
int public_start(struct public *pages, const char *pin_dir, struct snapshot_source *source,
		 const struct collector *collector);

/** public_age_in - nanoseconds until public_age() is to be called: when boot time is round */
uint64_t public_age_in(uint64_t boot_ns);

/** public_age - show anybody what was taken last time. Logs what goes wrong */
void public_age(struct public *pages);

void public_stop(struct public *pages);

#endif
