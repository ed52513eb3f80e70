/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Refreshes a picture on a terminal.
 *
 * A picture starts with WATCH_HOME, ends each line with WATCH_LINE_END, and ends with WATCH_BELOW:
 * it overwrites the last one line by line, which does not flicker, and erases the rest of it.
 */
#ifndef HB_READER_WATCH_H
#define HB_READER_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#define WATCH_HOME     "\033[H"
#define WATCH_LINE_END "\033[K"
#define WATCH_BELOW    "\033[J"

/** watch_size - the size of the terminal that is standard output; 0 and 0 if it is none */
void watch_size(size_t *width, size_t *height);

/** watch_start - clear the screen, and block the signals that end it. Returns 0 or -errno, logged */
int watch_start(void);

/** watch_wait - wait a second or for a new size; false after SIGINT, SIGTERM or SIGHUP */
bool watch_wait(void);

#endif
