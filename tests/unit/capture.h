/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Catch the messages that a test expects, and make command lines. */
#ifndef HB_TESTS_CAPTURE_H
#define HB_TESTS_CAPTURE_H

#include <stddef.h>

/**
 * capture_messages - keep the latest message in @buffer of @size bytes, and print none
 * NULL lets messages go to standard error again.
 */
void capture_messages(char *buffer, size_t size);

enum { CAPTURE_WORDS_MAX = 33 };

/**
 * capture_words - make a command line of the name of a program and the words of @text
 * Returns their number. They are valid until the next call.
 */
int capture_words(char *argv[CAPTURE_WORDS_MAX], const char *program, const char *text);

#endif
