/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes the page for people, one HTML document. */
#ifndef HB_READER_PAGE_H
#define HB_READER_PAGE_H

#include <stdio.h>

#include "reader/maps/report.h"
#include "reader/page/history.h"

enum { PAGE_REFRESH_S = 10 };

struct page {
	const char *node;  /* this machine's name */
	const char *nonce; /* by which the policy allows the style */
	uint64_t now;	   /* boot time */
	uint32_t considered;
	const char *blind; /* the result of probe_run(); NULL: the hooks fire */
	const struct report *report;
	const struct history *history;
};

/** page_write - write @page, which needs nothing from elsewhere. Returns 0 or -ENOMEM */
int page_write(FILE *stream, const struct page *page);

#endif
