/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Questions to the report of fixture.h about activity, and what is answered. */
#ifndef HB_TESTS_ASKED_H
#define HB_TESTS_ASKED_H

#include <stdint.h>

#include "reader/activity/activity.h"

extern struct snapshot *const snapshot;
extern struct activity_answer answer; /* to the last question */

int asked(const char *selector, const char *value);

/* @seconds, because of @because, and without doubt. */
void ck_since(const char *selector, const char *value, uint64_t seconds,
	      enum activity_since because);

/* An editor that is typed into, and a pager whose pipe never rests. */
void add_typing_and_reading(void);

#endif
