/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All that the metrics and the page tell, at one moment. */
#ifndef HB_READER_SAMPLE_H
#define HB_READER_SAMPLE_H

#include "reader/maps/collector.h"
#include "reader/maps/missed.h"
#include "reader/maps/places.h"
#include "reader/maps/self.h"
#include "reader/maps/snapshot.h"

/* Where samples are taken from. */
struct sampler {
	const char *pin_dir;
	struct snapshot_source *source;
	const struct collector *collector;
};

struct sample {
	struct snapshot snapshot;
	struct places *places; /* where the cgroups are; NULL in an empty sample */
	uint32_t readers_open;
	uint32_t readers_orphaned;
	uint32_t readers_free;
	bool missed_known; /* to root */
	struct missed missed;
	uint64_t collector_ns; /* of this process's last collection; 0: it made none */
	struct self self;
};

/**
 * sample_take - take one; release it with sample_release(), in any case
 * Returns 0 or -errno, logged.
 */
int sample_take(const struct sampler *sampler, struct sample *sample);

void sample_release(struct sample *sample);

#endif
