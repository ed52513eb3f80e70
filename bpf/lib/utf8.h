/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Decodes UTF-8: names of commands and cgroups may contain any bytes. */
#ifndef HB_LIB_UTF8_H
#define HB_LIB_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * utf8_decode - read the UTF-8 character at the start of @text
 * @length: of @text in bytes, at least 1
 *
 * Returns its length, 1 to 4, or 0 if it is none: a stray or missing continuation byte, an overlong
 * form, a surrogate, or a code point above U+10FFFF (RFC 3629).
 */
size_t utf8_decode(const char *text, size_t length, uint32_t *character);

/**
 * utf8_is_control - whether @character acts instead of showing: a control character, a separator of
 * lines, or one that changes the direction of the text around it
 */
bool utf8_is_control(uint32_t character);

/** utf8_shown - like utf8_decode(), but also 0 if it is a control character */
size_t utf8_shown(const char *text, size_t length);

#endif
