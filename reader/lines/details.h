/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who beat: looked up in the kernel's maps, and remembered for a while. */
#ifndef HB_READER_DETAILS_H
#define HB_READER_DETAILS_H

#include "reader/lines/beats.h"

struct details;

/** details_open - use the maps below @pin_dir. Returns 0 or -errno, logged */
int details_open(const char *pin_dir, struct details **details);

void details_close(struct details *details);

/** details_expire - a new batch begins: look each process up again, once */
void details_expire(struct details *details);

/**
 * details_of - what is known of the process that made @beat
 * Returns it, valid until the next call, or NULL: it has ended, and was not met before.
 */
const struct beats_about *details_of(struct details *details, const struct hb_beat *beat);

#endif
