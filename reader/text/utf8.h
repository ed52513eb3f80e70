/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks UTF-8: names of commands and cgroups may contain any bytes. */
#ifndef HB_READER_UTF8_H
#define HB_READER_UTF8_H

#include <stddef.h>

/**
 * utf8_valid - the length of the UTF-8 character at the start of @text
 * @length: of @text in bytes, at least 1
 *
 * Returns 1 to 4, or 0 if it is none: a stray or missing continuation byte, an overlong form, a
 * surrogate, or a code point above U+10FFFF (RFC 3629).
 */
size_t utf8_valid(const char *text, size_t length);

#endif
