/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tells the initial pid namespace from others. */
#ifndef HB_PIDNS_H
#define HB_PIDNS_H

#include <stdbool.h>

/**
 * pidns_is_initial - whether this process is in the pid namespace that the kernel started with
 *
 * There it sees every process, by the pid that the kernel's records have. False if unknown.
 */
bool pidns_is_initial(void);

#endif
