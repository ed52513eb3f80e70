/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What time anybody may be told: the moment of each key press tells something of what is typed. */
#ifndef HB_READER_COARSE_H
#define HB_READER_COARSE_H

#include <stdint.h>

/* The kernel rounds the times of terminals to as much, for the same reason. */
enum { COARSE_S = 8 };

/**
 * coarse_boot_ns - @boot_ns rounded down to COARSE_S seconds; 0, never, stays 0
 *
 * It is boot time that is rounded, everywhere: two roundings of one time with different starts
 * would together tell it finer than either does.
 */
static inline uint64_t coarse_boot_ns(uint64_t boot_ns)
{
	return boot_ns - boot_ns % (COARSE_S * 1000000000ULL);
}

#endif
