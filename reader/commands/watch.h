/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Showing something on a terminal again and again. */
#ifndef HB_READER_WATCH_H
#define HB_READER_WATCH_H

#include <stddef.h>
#include <stdio.h>

/* Print what is to be shown, in lines of at most @width characters. Returns 0 or -errno, logged. */
typedef int (*watch_draw)(void *data, FILE *stream, size_t width);

/** watch_width - the width of the terminal that standard output is; 0 if it is none */
size_t watch_width(void);

/**
 * watch_run - show what @draw prints, anew every second and when the terminal's size changes
 *
 * Lines that do not fit on the screen are left out. Returns 0 after SIGINT, SIGTERM or SIGHUP, or
 * -errno, logged; the signals stay blocked.
 */
int watch_run(watch_draw draw, void *data);

#endif
