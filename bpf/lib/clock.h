/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Converts the boot time of the kernel's records to the time of day. */
#ifndef HB_CLOCK_H
#define HB_CLOCK_H

#include <stddef.h>
#include <stdint.h>

enum { CLOCK_RFC3339_LEN = sizeof("2026-01-01T00:00:00.000000000Z") };

/** clock_boot_ns - CLOCK_BOOTTIME now, as the kernel's records have it */
uint64_t clock_boot_ns(void);

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
