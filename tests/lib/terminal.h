/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pseudo-terminals. Each function exits with a message if it fails. */
#ifndef HB_TESTS_TERMINAL_H
#define HB_TESTS_TERMINAL_H

#include <stdbool.h>

/**
 * terminal_open - make a pseudo-terminal, and return both its ends
 *
 * Their descriptors are 100 or higher, to leave the low ones to the caller, and closed on exec. The
 * terminal does not become the controlling one.
 */
void terminal_open(int *master, int *terminal);

/** terminal_set - let reads return single keys (@raw) or whole lines; nothing is echoed */
void terminal_set(int terminal, bool raw);

/** terminal_set_blocking - let reads of @fd wait for keys, or fail with EAGAIN */
void terminal_set_blocking(int fd, bool blocking);

#endif
