/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Prints the beats of a slot's ring as lines on standard output.
 *
 * A beat is given back to the kernel only after its line was written completely. So a reader that
 * is killed loses nothing, and the next one repeats at most the last batch.
 */
#ifndef HB_READER_LINES_H
#define HB_READER_LINES_H

#include <stdbool.h>

#include "reader/lines/slots.h"
#include "reader/loop.h"

struct lines;

/**
 * lines_start - claim one of @slots and print its beats from inside @loop, as JSON if @json
 *
 * Stops the loop when standard output is closed, and after lines_end(). Returns 0; -EACCES, not
 * logged: the user has no permission; -EPERM, not logged: the slots are unusable; or another -errno,
 * logged.
 */
int lines_start(struct loop *loop, struct slots *slots, bool json, struct lines **lines);

/**
 * lines_check - report losses, at most once per second, and repair the slot if somebody disturbed it
 * Returns 0 or -errno, logged.
 */
int lines_check(struct lines *lines);

/**
 * lines_end - print the beats that happened until now, then stop the loop
 * Beats that standard output does not take within a second are lost. Returns 0 or -errno, logged.
 */
int lines_end(struct lines *lines);

/** lines_has_adopted - whether the slot was left by another reader; false without lines */
bool lines_has_adopted(const struct lines *lines);

/**
 * lines_stop - report the last losses, and give up the slot
 * @failed: leave the slot open, with the beats that were not printed, to the next reader
 */
void lines_stop(struct lines *lines, bool failed);

#endif
