// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>

#include "reader/text/tty.h"

/*
 * Documentation/admin-guide/devices.txt of the kernel. Since 2.6 all pseudo-terminals have major
 * 136 and minors of 20 bits; the other seven majors are from the time when a minor had 8 bits.
 */
enum {
	MAJOR_TTY = 4,
	MINOR_SERIAL_FIRST = 64,
	MAJOR_ALTERNATE = 5, /* /dev/tty, /dev/console; and /dev/ptmx, which is a master */
	MINOR_CONSOLE = 1,
	MAJOR_PTS_FIRST = 136,
	MAJOR_PTS_LAST = 143,
	MINORS_OF_PTS = 256,
};

int tty_name(char name[TTY_NAME_LEN], uint32_t tty)
{
	uint32_t major = tty >> 20;
	uint32_t minor = tty & ((1U << 20) - 1);

	name[0] = '\0';
	if (tty == 0)
		return -ENOENT;
	if (major >= MAJOR_PTS_FIRST && major <= MAJOR_PTS_LAST)
		snprintf(name, TTY_NAME_LEN, "pts/%u",
			 (major - MAJOR_PTS_FIRST) * MINORS_OF_PTS + minor);
	else if (major == MAJOR_TTY && minor < MINOR_SERIAL_FIRST)
		snprintf(name, TTY_NAME_LEN, "tty%u", minor);
	else if (major == MAJOR_TTY)
		snprintf(name, TTY_NAME_LEN, "ttyS%u", minor - MINOR_SERIAL_FIRST);
	else
		snprintf(name, TTY_NAME_LEN, "%u:%u", major, minor);
	return 0;
}

bool tty_is_user_side(unsigned int major, unsigned int minor)
{
	if (major == MAJOR_ALTERNATE)
		return minor <= MINOR_CONSOLE;
	return major == MAJOR_TTY || (major >= MAJOR_PTS_FIRST && major <= MAJOR_PTS_LAST);
}
