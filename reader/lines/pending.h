/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Batches lines on their way to standard output: at most what a pipe takes in one piece. */
#ifndef HB_READER_PENDING_H
#define HB_READER_PENDING_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reader/lines/output.h"

enum {
	PENDING_SIZE = PIPE_BUF,
	PENDING_LINES = PIPE_BUF / sizeof("1 - 1"), /* no line is shorter */
};

struct pending {
	size_t length;
	size_t written;
	size_t lines;
	size_t lines_written; /* complete ones */
	struct {
		size_t end;
		bool beat;
		unsigned long position; /* in the ring, behind the beat of the line */
	} line[PENDING_LINES];
	char text[PENDING_SIZE];
};

/** pending_room - where to put the next line */
char *pending_room(struct pending *pending);

/** pending_add - a whole line of @length bytes was put there */
void pending_add(struct pending *pending, size_t length, bool beat, unsigned long position);

/** pending_is_full - whether a line of @length bytes does not fit any more */
bool pending_is_full(const struct pending *pending, size_t length);

/** pending_is_empty - whether everything is written */
bool pending_is_empty(const struct pending *pending);

/** pending_beats - the number of beats whose lines are not completely written */
uint64_t pending_beats(const struct pending *pending);

/**
 * pending_write - write as much as @output takes
 * @position: set to the ring position of the last line that was completely written, if any
 *
 * Returns 0 if all is written, -EAGAIN if it would have to wait, or another -errno, not logged.
 */
int pending_write(struct pending *pending, const struct output *output, unsigned long *position);

#endif
