/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parts of the page. */
#ifndef HB_READER_WIDGETS_H
#define HB_READER_WIDGETS_H

#include "reader/maps/coarse.h"
#include "reader/page/page.h"

/* What a chart covers. */
enum { PAGE_MINUTES = (HISTORY_POINTS * COARSE_S + 30) / 60 };

/** widget_age - how long ago that was, as exactly as who asks may know; 0: never */
void widget_age(FILE *stream, const struct page *page, uint64_t boot_ns);

/** widget_chart - draw @points, in the size of @class */
void widget_chart(FILE *stream, const char *class, const uint64_t points[HISTORY_POINTS]);

/** section_programs - the programs, the latest first. Returns 0 or -ENOMEM, like the others */
int section_programs(FILE *stream, const struct page *page);

/** section_cgroups - the control groups, if there are any, the latest first */
int section_cgroups(FILE *stream, const struct page *page);

/** section_processes - the processes, for who may know them, the latest first */
int section_processes(FILE *stream, const struct page *page);

#endif
