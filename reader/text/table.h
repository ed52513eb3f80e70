/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Prints aligned columns of text. */
#ifndef HB_READER_TABLE_H
#define HB_READER_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { TABLE_COLUMNS_MAX = 8 };

struct table {
	size_t columns;
	uint32_t right; /* bit mask of the columns that are aligned to the right */
	size_t count;	/* of cells, including the header */
	size_t room;
	char **cells;
	size_t rows_max;      /* rows to print; 0: all */
	const char *line_end; /* printed before each newline, or NULL */
};

/**
 * table_add - append a row with one cell per column; the first row is the header
 * Copies the texts. Returns 0 or -ENOMEM.
 */
int table_add(struct table *table, const char *const cells[]);

/**
 * table_print - print all rows
 * @width: cut longer lines to this; 0: never. The last column keeps its end, because the end of a
 *	   path says more than its start.
 *
 * Returns 0 or -ENOMEM.
 */
int table_print(const struct table *table, FILE *stream, size_t width);

void table_release(struct table *table);

#endif
