/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The factors between units of time.
 *
 * UL has 64 bits here and in BPF programs, and is the type of uint64_t on x86-64 and arm64.
 */
#ifndef HB_UNITS_H
#define HB_UNITS_H

#define NS_PER_DAY (24 * 60 * 60 * NS_PER_S)
#define NS_PER_S   1000000000UL
#define NS_PER_MS  1000000UL
#define NS_PER_US  1000UL

#endif
