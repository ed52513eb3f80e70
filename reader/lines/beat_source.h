/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the process that made a beat, in the kernel's maps and in a cache. */
#ifndef HB_READER_BEAT_SOURCE_H
#define HB_READER_BEAT_SOURCE_H

#include "reader/lines/beat_format.h"

struct beat_sources;

/** beat_sources_open - open the maps below @pin_dir. Returns 0 or -errno, logged */
int beat_sources_open(const char *pin_dir, struct beat_sources **sources);

void beat_sources_close(struct beat_sources *sources);

/** beat_sources_expire - begin a batch: look up each process again, once */
void beat_sources_expire(struct beat_sources *sources);

/**
 * beat_sources_find - describe the process that made @beat
 * Returns the description, valid until the next call; or NULL: it ended before its first lookup.
 */
const struct beat_source *beat_sources_find(struct beat_sources *sources,
					    const struct hb_beat *beat);

#endif
