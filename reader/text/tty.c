// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>

#include "reader/text/tty.h"

/* Documentation/admin-guide/devices.txt of the kernel. */
enum {
	TTY_MAJOR = 4,
	TTY_SERIAL_FIRST = 64,
	/*
	 * Linux 2.6 and later give all pseudo-terminals major 136, with minors of 20 bits; the
	 * other seven majors are from the time when a minor had 8 bits.
	 */
	TTY_PTS_FIRST = 136,
	TTY_PTS_LAST = 143,
	TTY_PTS_EACH = 256,
};

int tty_name(char name[TTY_NAME_LEN], uint32_t tty)
{
	uint32_t major = tty >> 20;
	uint32_t minor = tty & ((1U << 20) - 1);

	name[0] = '\0';
	if (tty == 0)
		return -ENOENT;
	if (major >= TTY_PTS_FIRST && major <= TTY_PTS_LAST)
		snprintf(name, TTY_NAME_LEN, "pts/%u",
			 (major - TTY_PTS_FIRST) * TTY_PTS_EACH + minor);
	else if (major == TTY_MAJOR && minor < TTY_SERIAL_FIRST)
		snprintf(name, TTY_NAME_LEN, "tty%u", minor);
	else if (major == TTY_MAJOR)
		snprintf(name, TTY_NAME_LEN, "ttyS%u", minor - TTY_SERIAL_FIRST);
	else
		snprintf(name, TTY_NAME_LEN, "%u:%u", major, minor);
	return 0;
}
