/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Catch the messages that a test expects. */
#ifndef HB_TESTS_CAPTURE_H
#define HB_TESTS_CAPTURE_H

#include <stddef.h>

/**
 * capture_messages - keep the latest message in @buffer of @size bytes, and print none
 * NULL lets messages go to standard error again.
 */
void capture_messages(char *buffer, size_t size);

#endif
