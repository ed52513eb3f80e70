// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>

#include "bpf/lib/units.h"
#include "tests/lib/timing.h"

static const uint64_t spin_below = 200 * NS_PER_US;

uint64_t time_now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

int time_sleep_until(uint64_t when)
{
	struct timespec ts = {.tv_sec = (time_t)(when / NS_PER_S),
			      .tv_nsec = (long)(when % NS_PER_S)};

	return -clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

void time_wait_until(uint64_t when, uint64_t interval)
{
	if (interval > spin_below) {
		time_sleep_until(when);
		return;
	}
	while (time_now(CLOCK_MONOTONIC) < when)
		;
}

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

void time_sort(int64_t *times, size_t count)
{
	qsort(times, count, sizeof(*times), compare);
}
