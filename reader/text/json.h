/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Quotes strings for JSON (RFC 8259). json_escape() allocates nothing: it runs once per beat. */
#ifndef HB_READER_JSON_H
#define HB_READER_JSON_H

#include <stddef.h>
#include <stdio.h>

enum { JSON_ESCAPED_MAX = 6 }; /* bytes for one byte of input: \u001f */

/**
 * json_escape - write @text as a quoted JSON string, NUL terminated, to @buffer
 * @length: of @text at most; it also ends at a NUL
 *
 * Quotes, backslashes and what utf8_is_control() finds are escaped; bytes that are not valid UTF-8 become
 * \ufffd. A longer text is cut, never within a character or escape, and always gets its closing
 * quote: nothing is cut if @size is at least JSON_ESCAPED_MAX * @length + 3. Returns the number of
 * bytes written, without the NUL; 0 if @size is below 3, because then nothing fits.
 */
size_t json_escape(char *buffer, size_t size, const char *text, size_t length);

/** json_print - the same to a stream; nothing is cut */
void json_print(FILE *stream, const char *text, size_t length);

#endif
