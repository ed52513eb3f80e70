// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * clockshim - a library for LD_PRELOAD that steps the clock, for one program only
 *
 * Once the file that CLOCKSHIM_TRIGGER names exists, the time of day is one hour later.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { STEP_S = 3600 };

static time_t step(void)
{
	const char *trigger = getenv("CLOCKSHIM_TRIGGER");

	return trigger && access(trigger, F_OK) == 0 ? STEP_S : 0;
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	int r = (int)syscall(SYS_clock_gettime, clock, ts);

	if (r == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		ts->tv_sec += step();
	return r;
}

time_t time(time_t *out)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (out)
		*out = ts.tv_sec;
	return ts.tv_sec;
}
