/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a slot's ring to lines on standard output. A beat is given back to the kernel when its line
 * was written completely: a reader that is killed loses nothing, and the next one repeats at most
 * the last batch.
 */
#ifndef HB_READER_LINES_H
#define HB_READER_LINES_H

#include "reader/loop.h"
#include "reader/options.h"
#include "reader/lines/slots.h"

struct lines;

/**
 * lines_start - claim a slot and print its beats from inside @loop
 *
 * Returns 0; -EACCES, not logged: the user may not; or another -errno, logged. When there is
 * nothing to do any more, since standard output is closed or lines_end() was called, it stops the
 * loop.
 */
int lines_start(struct loop *loop, const struct read_options *options, struct slots *slots,
		struct lines **lines);

/** lines_check - say what was lost, and shut orphaned slots; not more often than once a second */
int lines_check(struct lines *lines);

/**
 * lines_end - print what there is by now, then stop the loop
 * If standard output does not take it within a second, the rest is lost. Returns 0 or -errno,
 * logged.
 */
int lines_end(struct lines *lines);

/** lines_stop - say what was lost since, and give the slot up */
void lines_stop(struct lines *lines);

#endif
