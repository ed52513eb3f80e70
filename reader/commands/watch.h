/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shows a picture on a terminal and refreshes it. */
#ifndef HB_READER_WATCH_H
#define HB_READER_WATCH_H

#include <stddef.h>

/*
 * Draw a picture with lines of at most @width characters. Returns 0 or -errno, logged; the caller
 * frees @text, which is NULL at first, in both cases.
 */
typedef int (*watch_draw)(void *data, size_t width, char **text);

/** watch_width - the width of standard output; 0 if it is not a terminal */
size_t watch_width(void);

/**
 * watch_run - show the picture, and refresh it every second and when the terminal is resized
 *
 * Omits lines that do not fit on the screen. Returns 0 after SIGINT, SIGTERM or SIGHUP, or -errno,
 * logged; the signals stay blocked.
 */
int watch_run(watch_draw draw, void *data);

#endif
