/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who beat: looked up in the kernel's maps, and remembered for a while. */
#ifndef HB_READER_BEAT_SOURCE_H
#define HB_READER_BEAT_SOURCE_H

#include "reader/lines/beat_format.h"

struct beat_sources;

/** beat_sources_open - use the maps below @pin_dir. Returns 0 or -errno, logged */
int beat_sources_open(const char *pin_dir, struct beat_sources **details);

void beat_sources_close(struct beat_sources *details);

/** beat_sources_expire - a new batch begins: look each process up again, once */
void beat_sources_expire(struct beat_sources *details);

/**
 * beat_sources_find - what is known of the process that made @beat
 * Returns it, valid until the next call, or NULL: it has ended, and was not met before.
 */
const struct beat_source *beat_sources_find(struct beat_sources *details,
					    const struct hb_beat *beat);

#endif
