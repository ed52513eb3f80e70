/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Formats text for people, and prints whole documents. */
#ifndef HB_READER_TEXT_H
#define HB_READER_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	TEXT_AGE_LEN = 24,
	TEXT_NUMBER_LEN = sizeof("18,446,744,073,709,551,615"),
	TEXT_ESCAPED_MAX = 3, /* bytes for one byte of input: %FF */
	TEXT_TIME_LEN = sizeof("2026-01-01T00:00:00Z"),
};

/**
 * text_printable - copy @text, of at most @length bytes up to a NUL, to @buffer of @size bytes
 *
 * Cuts a longer text. Replaces all but printable ASCII by `?`: the name of a process or cgroup must
 * not be able to send escape sequences to a terminal.
 */
void text_printable(char *buffer, size_t size, const char *text, size_t length);

/**
 * text_escape - write a name, @text of at most @length bytes up to a NUL, so that it can be taken back
 * @escaped: with room for TEXT_ESCAPED_MAX * @length + 1 bytes
 *
 * Control characters (utf8_is_control()), bytes that are not valid UTF-8, and the percent sign become
 * a percent sign and two hexadecimal digits for each byte. So the result is UTF-8, and different for different names. Returns its
 * length.
 */
size_t text_escape(char *escaped, const char *text, size_t length);

/**
 * text_unescape - the byte that an escape at the start of @text stands for, or 0 if there is none
 *
 * Only bytes that may need it have an escape: a name cannot be disguised.
 */
unsigned char text_unescape(const char *text);

/** text_age - a duration in its largest whole unit: `3s`, `5m`, `2h`, `12d` */
void text_age(char age[TEXT_AGE_LEN], uint64_t ns);

/** text_number - a number with a comma after each three digits: `6,063,385` */
void text_number(char text[TEXT_NUMBER_LEN], uint64_t number);

/** text_time - unix time in UTC, whole seconds: `2026-01-01T00:00:00Z` */
void text_time(char time[TEXT_TIME_LEN], uint64_t unix_ns);

/**
 * text_write - write all of @text to standard output
 *
 * Returns 0; -EPIPE, not logged, because a closed pipe is no failure; or another -errno, logged.
 */
int text_write(const char *text, size_t length);

/* Writes a document about @data to @stream. Returns 0 or -errno, not logged. */
typedef int (*text_writer)(FILE *stream, const void *data);

/**
 * text_print - print a whole document to standard output, or nothing of it
 * @what: the command, for messages
 *
 * Returns 0, also if standard output is a closed pipe; or -errno, logged.
 */
int text_print(const char *what, text_writer writer, const void *data);

#endif
