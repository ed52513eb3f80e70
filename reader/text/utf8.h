/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Telling text from bytes: command and cgroup names may hold anything. */
#ifndef HB_READER_UTF8_H
#define HB_READER_UTF8_H

#include <stddef.h>

/**
 * utf8_valid - the length of the UTF-8 character that @text starts with
 * @length: bytes there are, at least 1
 *
 * Returns 1 to 4, or 0 if there is none: a stray or missing continuation byte, an overlong form, a
 * surrogate, or beyond U+10FFFF (RFC 3629).
 */
size_t utf8_valid(const char *text, size_t length);

#endif
