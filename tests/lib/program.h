/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How a test program ends, reads the numbers in its arguments, and waits for its test. */
#ifndef HB_TESTS_PROGRAM_H
#define HB_TESTS_PROGRAM_H

#include <stdint.h>

enum { EXIT_USAGE = 2, EXIT_SKIPPED = 77 };

/** die - print what failed, and the text of errno, to standard error; exit with 1 */
__attribute__((noreturn)) void die(const char *what);

/** skip - the same, but exit with 77: this kernel or machine cannot do it */
__attribute__((noreturn)) void skip(const char *what);

/** number - the decimal number that is all of @text; or exit with 2 */
uint64_t number(const char *text);

/**
 * signal_block - keep @signal for signal_wait(), however early it arrives
 *
 * Threads inherit this, so call it before any is started.
 */
void signal_block(int signal);

/** signal_wait - wait for a signal that is blocked */
void signal_wait(int signal);

#endif
