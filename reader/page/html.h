/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes text and small charts as HTML. */
#ifndef HB_READER_HTML_H
#define HB_READER_HTML_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * html_print - write @text, of @length bytes at most up to a NUL, as text or attribute value
 *
 * Whatever it holds is shown and is never markup. Control characters, and bytes that are not UTF-8,
 * become U+FFFD.
 */
void html_print(FILE *stream, const char *text, size_t length);

/**
 * html_chart - draw @count points as bars
 * @class: of the image, for its size
 * @label: what it shows, for people who cannot see it
 *
 * The highest bar has the full height; the image can be stretched.
 */
void html_chart(FILE *stream, const char *class, const char *label, const uint64_t *points,
		size_t count);

#endif
