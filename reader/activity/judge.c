// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "reader/activity/judge.h"

enum idle_verdict idle_judge(const struct activity_answer *answer, uint64_t now, uint64_t limit)
{
	uint64_t since = answer->activity.since;

	if (answer->missing)
		return IDLE_UNKNOWN;
	if (now < since || now - since < limit)
		return IDLE_ACTIVE;
	if (answer->doubt[0] != '\0' &&
	    (now < answer->doubt_until || now - answer->doubt_until < limit))
		return IDLE_UNKNOWN;
	return IDLE_IDLE;
}

const char *idle_word(enum idle_verdict verdict)
{
	static const char *const words[] = {
		[IDLE_ACTIVE] = "active",
		[IDLE_IDLE] = "idle",
		[IDLE_UNKNOWN] = "unknown",
	};

	return words[verdict];
}
