/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Decides whether something may be stopped. */
#ifndef HB_READER_JUDGE_H
#define HB_READER_JUDGE_H

#include <stdint.h>

#include "reader/activity/activity.h"

enum idle_verdict {
	IDLE_ACTIVE,
	IDLE_IDLE,
	IDLE_UNKNOWN,
};

/* What was asked, and the answer in a word. */
struct idle_judgement {
	uint64_t limit; /* ns without activity */
	enum idle_verdict verdict;
};

/**
 * idle_judge - decide whether there was no activity for @limit nanoseconds, at boot time @now
 * A doubt turns idle into unknown, but never active: activity that was seen stays true. What does not
 * exist is unknown.
 */
enum idle_verdict idle_judge(const struct activity_answer *answer, uint64_t now, uint64_t limit);

/** idle_word - `active`, `idle` or `unknown` */
const char *idle_word(enum idle_verdict verdict);

#endif
