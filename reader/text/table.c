// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/text/table.h"

enum { GAP = 2 };

static const char ellipsis[] = "...";

static int make_room(struct table *table)
{
	size_t room = table->room ? table->room * 2 : table->columns * 16;
	char **cells;

	if (table->count + table->columns <= table->room)
		return 0;
	cells = reallocarray(table->cells, room, sizeof(*cells));
	if (!cells)
		return -ENOMEM;
	table->cells = cells;
	table->room = room;
	return 0;
}

int table_add(struct table *table, const char *const cells[])
{
	int r;

	r = make_room(table);
	if (r < 0)
		return r;
	for (size_t i = 0; i < table->columns; i++) {
		char *copy = strdup(cells[i]);

		if (!copy) {
			while (i-- > 0)
				free(table->cells[table->count + i]);
			return -ENOMEM;
		}
		table->cells[table->count + i] = copy;
	}
	table->count += table->columns;
	return 0;
}

static void measure(const struct table *table, size_t widths[TABLE_COLUMNS_MAX])
{
	for (size_t i = 0; i < table->count; i++) {
		size_t length = strlen(table->cells[i]);
		size_t column = i % table->columns;

		if (i < table->columns || length > widths[column])
			widths[column] = length;
	}
}

/* The last cell of a row gets the rest of the line. */
static size_t put_last(char *line, const char *cell, size_t room)
{
	size_t length = strlen(cell);
	size_t dots = strlen(ellipsis);

	if (length <= room) {
		memcpy(line, cell, length);
		return length;
	}
	if (room <= dots) {
		memcpy(line, cell, room);
		return room;
	}
	memcpy(line, ellipsis, dots);
	memcpy(line + dots, cell + length - (room - dots), room - dots);
	return room;
}

static void print_row(const struct table *table, FILE *stream, size_t first,
		      const size_t widths[TABLE_COLUMNS_MAX], char *line, size_t width)
{
	size_t last = table->columns - 1;
	size_t used = 0;

	for (size_t i = 0; i < last; i++) {
		const char *cell = table->cells[first + i];
		size_t length = strlen(cell);
		size_t pad = widths[i] - length;

		memset(line + used, ' ', widths[i] + GAP);
		memcpy(line + used + (table->right >> i & 1 ? pad : 0), cell, length);
		used += widths[i] + GAP;
	}
	if (used < width)
		used += put_last(line + used, table->cells[first + last], width - used);
	else
		used = width;
	while (used > 0 && line[used - 1] == ' ')
		used--;
	fwrite(line, 1, used, stream);
	if (table->line_end)
		fputs(table->line_end, stream);
	fputc('\n', stream);
}

int table_print(const struct table *table, FILE *stream, size_t width)
{
	size_t widths[TABLE_COLUMNS_MAX] = {0};
	size_t count = table->count;
	size_t full = 0;
	char *line;

	measure(table, widths);
	for (size_t i = 0; i < table->columns; i++)
		full += widths[i] + GAP;
	line = malloc(full + 1);
	if (!line)
		return -ENOMEM;
	if (table->rows_max > 0 && count > table->rows_max * table->columns)
		count = table->rows_max * table->columns;
	for (size_t i = 0; i < count; i += table->columns)
		print_row(table, stream, i, widths, line, width > 0 && width < full ? width : full);
	free(line);
	return 0;
}

void table_release(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	table->cells = NULL;
	table->count = 0;
	table->room = 0;
}
