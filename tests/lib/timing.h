/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Clocks, waiting and lists of times, all in nanoseconds. */
#ifndef HB_TESTS_TIMING_H
#define HB_TESTS_TIMING_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/** time_now - the time by any of the clocks */
uint64_t time_now(clockid_t clock);

/** time_sleep_until - sleep until CLOCK_MONOTONIC shows @when, or a signal is caught */
int time_sleep_until(uint64_t when);

/**
 * time_wait_until - the same, but exact where one wait follows another after @interval
 *
 * A sleep takes about 60 us longer than it should, so short intervals are spent spinning.
 */
void time_wait_until(uint64_t when, uint64_t interval);

/** time_sort - sort times in ascending order */
void time_sort(int64_t *times, size_t count);

#endif
