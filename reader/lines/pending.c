// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "reader/lines/pending.h"

char *pending_room(struct pending *pending)
{
	return pending->text + pending->length;
}

void pending_add(struct pending *pending, size_t length, bool beat, unsigned long position)
{
	pending->length += length;
	pending->line[pending->lines].end = pending->length;
	pending->line[pending->lines].beat = beat;
	pending->line[pending->lines].position = position;
	pending->lines++;
}

bool pending_is_full(const struct pending *pending, size_t length)
{
	return pending->lines == PENDING_LINES || sizeof(pending->text) - pending->length < length;
}

bool pending_is_empty(const struct pending *pending)
{
	return pending->length == 0;
}

uint64_t pending_beats(const struct pending *pending)
{
	uint64_t count = 0;

	for (size_t i = pending->lines_written; i < pending->lines; i++)
		count += pending->line[i].beat;
	return count;
}

int pending_write(struct pending *pending, const struct output *output, unsigned long *position)
{
	while (pending->written < pending->length) {
		ssize_t n = output_write(output, pending->text + pending->written,
					 pending->length - pending->written);

		if (n < 0)
			return (int)n;
		pending->written += (size_t)n;
		while (pending->lines_written < pending->lines &&
		       pending->line[pending->lines_written].end <= pending->written) {
			*position = pending->line[pending->lines_written].position;
			pending->lines_written++;
		}
	}
	pending->length = pending->written = 0;
	pending->lines = pending->lines_written = 0;
	return 0;
}
