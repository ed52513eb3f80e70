/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the answers of the HTTP server are made from. */
#ifndef HB_READER_PAGES_H
#define HB_READER_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "reader/page/history.h"
#include "reader/maps/probe.h"
#include "reader/maps/sample.h"

enum { PAGES_NODE_LEN = 256 };

struct pages {
	struct sampler sampler;
	struct probe *probe;
	struct history *history;
	struct sample aged;    /* what anybody may see */
	struct sample waiting; /* the next of those; empty before the first */
	bool is_waiting;
	char node[PAGES_NODE_LEN];
};

/**
 * pages_start - have something for anybody
 * @collector: this process's
 *
 * Returns 0 or -errno, logged; pages_stop() in any case.
 */
int pages_start(struct pages *pages, const char *pin_dir, struct snapshot_source *source,
		const struct collector *collector);

/** pages_age_in - nanoseconds until pages_age() is to be called: when boot time is round */
uint64_t pages_age_in(uint64_t boot_ns);

/** pages_age - show anybody what was taken last time. Logs what goes wrong */
void pages_age(struct pages *pages);

void pages_stop(struct pages *pages);

#endif
