/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads the clock of the kernel's records, and converts their times to the time of day.
 *
 * Everywhere a boot time is that of the initial time namespace: the kernel writes it into the
 * records, and one process may read what another one in a different namespace wrote.
 */
#ifndef HB_CLOCK_H
#define HB_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { CLOCK_RFC3339_LEN = sizeof("2026-01-01T00:00:00.000000000Z") };

/** clock_boot_ns - CLOCK_BOOTTIME now, in the initial time namespace */
uint64_t clock_boot_ns(void);

/**
 * clock_shift_ns - how far CLOCK_BOOTTIME and the times in /proc are ahead in this time namespace
 *
 * It is read once: another namespace, joined later, would be that of children only.
 */
int64_t clock_shift_ns(void);

/** clock_parse_shift - read that from @offsets, which is like /proc/self/timens_offsets; 0 by default */
int64_t clock_parse_shift(FILE *offsets);

/**
 * clock_offset_ns - what to add to a boot time to get unix time, in nanoseconds
 *
 * Call it per batch, not per beat. The result does not change until the clock is stepped or slewed by
 * more than 10 us, so that the order of beats is kept.
 */
uint64_t clock_offset_ns(void);

/** clock_rfc3339 - format @unix_ns as `2026-01-01T00:00:00.000000000Z`, in @text */
void clock_rfc3339(char text[CLOCK_RFC3339_LEN], uint64_t unix_ns);

#endif
