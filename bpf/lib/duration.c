// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "bpf/lib/duration.h"
#include "bpf/lib/units.h"

const char *duration_text(char text[DURATION_LEN], uint64_t ns)
{
	static const struct {
		const char *name;
		uint64_t seconds;
	} units[] = {{"d", 24 * 60 * 60}, {"h", 60 * 60}, {"min", 60}, {"s", 1}};
	uint64_t seconds = ns / NS_PER_S;
	uint64_t rest;
	size_t i = 0;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	rest = i < 2 ? seconds % units[i].seconds / units[i + 1].seconds : 0;
	if (rest > 0)
		snprintf(text, DURATION_LEN, "%" PRIu64 " %s %" PRIu64 " %s",
			 seconds / units[i].seconds, units[i].name, rest, units[i + 1].name);
	else
		snprintf(text, DURATION_LEN, "%" PRIu64 " %s", seconds / units[i].seconds,
			 units[i].name);
	return text;
}
