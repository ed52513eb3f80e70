/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes the small parts that the sections of the page are made of. */
#ifndef HB_READER_WIDGETS_H
#define HB_READER_WIDGETS_H

#include "reader/maps/coarsen.h"
#include "reader/page/page.h"

/* What a chart covers. */
enum { PAGE_MINUTES = (HISTORY_POINTS * COARSE_S + 30) / 60 };

/** widget_age - how long ago @boot_ns was; 0: never */
void widget_age(FILE *stream, const struct page *page, uint64_t boot_ns);

/** widget_number - @number, with commas */
void widget_number(FILE *stream, uint64_t number);

/** widget_chart - draw @points, in the size of @class */
void widget_chart(FILE *stream, const char *class, const uint64_t points[HISTORY_POINTS]);

#endif
