/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parts of the page. */
#ifndef HB_READER_PAGE_PARTS_H
#define HB_READER_PAGE_PARTS_H

#include "reader/maps/coarse.h"
#include "reader/page/page.h"

/* What a chart covers. */
enum { PAGE_MINUTES = (HISTORY_POINTS * COARSE_S + 30) / 60 };

/** page_print_age - how long ago that was, as exactly as who asks may know; 0: never */
void page_print_age(FILE *stream, const struct page *page, uint64_t boot_ns);

/** page_print_chart - draw @points, in the size of @class */
void page_print_chart(FILE *stream, const char *class, const uint64_t points[HISTORY_POINTS]);

/** page_print_programs - the programs, the latest first. Returns 0 or -ENOMEM, like the others */
int page_print_programs(FILE *stream, const struct page *page);

/** page_print_groups - the control groups, if there are any, the latest first */
int page_print_groups(FILE *stream, const struct page *page);

/** page_print_processes - the processes, for who may know them, the latest first */
int page_print_processes(FILE *stream, const struct page *page);

#endif
