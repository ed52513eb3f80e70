/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes durations for people. */
#ifndef HB_DURATION_H
#define HB_DURATION_H

#include <stdint.h>

enum { DURATION_LEN = 32 };

/**
 * duration_text - write a duration for a sentence: `40 s`, `12 min`, `5 h 48 min`, `2 d 1 h`
 * It is rounded down. Returns @text.
 */
const char *duration_text(char text[DURATION_LEN], uint64_t ns);

#endif
