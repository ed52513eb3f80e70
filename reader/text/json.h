/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writing JSON (RFC 8259). Into a buffer it is done without allocation: that is once a beat. */
#ifndef HB_READER_JSON_H
#define HB_READER_JSON_H

#include <stddef.h>
#include <stdio.h>

enum { JSON_ESCAPED_MAX = 6 }; /* bytes that one byte of input takes at most: \u001f */

/**
 * json_escape - write @text as a quoted JSON string, NUL terminated, to @buffer
 * @length: input bytes at most; ends at a NUL before
 *
 * Control characters, quotes and backslashes are escaped; bytes that are not valid UTF-8 become
 * \ufffd. What does not fit is cut, never within a character or escape, and the closing quote is
 * always there. Returns the number of bytes written, without the NUL; @size should be at least
 * JSON_ESCAPED_MAX * @length + 3. Below 3 nothing fits and 0 is returned.
 */
size_t json_escape(char *buffer, size_t size, const char *text, size_t length);

/** json_print - the same to a stream, of any length */
void json_print(FILE *stream, const char *text, size_t length);

#endif
