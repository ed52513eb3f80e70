/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes the tables of the page, each with the latest activity first. */
#ifndef HB_READER_SECTIONS_H
#define HB_READER_SECTIONS_H

#include "reader/page/page.h"

/** section_programs - write the programs. Returns 0 or -ENOMEM, like the others */
int section_programs(FILE *stream, const struct page *page);

/** section_cgroups - write the control groups, if there are any */
int section_cgroups(FILE *stream, const struct page *page);

/** section_processes - write the processes, if there are any; a coarse report shows none */
int section_processes(FILE *stream, const struct page *page);

#endif
