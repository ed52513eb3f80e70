/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The page for people. */
#ifndef HB_READER_PAGE_H
#define HB_READER_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "reader/page/history.h"
#include "reader/maps/report.h"

enum { PAGE_REFRESH_S = 10 };

struct page {
	const char *node;  /* this machine's name */
	const char *nonce; /* that the policy allows the style by */
	uint64_t now;	   /* boot time */
	uint32_t considered;
	const char *blind; /* why nothing can be said about activity; NULL: the hooks fire */
	bool detailed;	   /* as for metrics_write() */
	const struct report *report;
	const struct history *history;
};

/** page_write - write @page, one document without anything from elsewhere. Returns 0 or -ENOMEM */
int page_write(FILE *stream, const struct page *page);

#endif
