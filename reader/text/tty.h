/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names terminals, and recognizes them by their device numbers. */
#ifndef HB_READER_TTY_H
#define HB_READER_TTY_H

#include <stdbool.h>
#include <stdint.h>

enum { TTY_NAME_LEN = sizeof("4095:1048575") };

/**
 * tty_name - name terminal @tty of a struct hb_process (major << 20 | minor): `pts/3`, `tty1`,
 *	      `ttyS0`, or else `MAJOR:MINOR`
 *
 * Returns 0, or -ENOENT and an empty @name if @tty is 0: the process has no terminal.
 */
int tty_name(char name[TTY_NAME_LEN], uint32_t tty);

/** tty_is_user_side - whether that is a terminal, and not the master of a pseudo-terminal */
bool tty_is_user_side(unsigned int major, unsigned int minor);

#endif
