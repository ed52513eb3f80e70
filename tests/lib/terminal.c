// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "tests/lib/program.h"
#include "tests/lib/terminal.h"

enum { LOWEST = 100 };

/* Replace a descriptor by a high one. */
static int move_up(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, LOWEST);

	if (high < 0)
		die("descriptor");
	close(fd);
	return high;
}

void terminal_open(int *master, int *terminal)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0)
		die("pseudo-terminal");
	*master = move_up(fd);
	fd = open(ptsname(*master), O_RDWR | O_NOCTTY);
	if (fd < 0)
		die("terminal");
	*terminal = move_up(fd);
}

void terminal_set(int terminal, bool raw)
{
	struct termios mode;

	if (tcgetattr(terminal, &mode) < 0)
		die("mode of the terminal");
	if (raw)
		cfmakeraw(&mode);
	mode.c_lflag &= (tcflag_t)~ECHO;
	if (tcsetattr(terminal, TCSANOW, &mode) < 0)
		die("mode of the terminal");
}

void terminal_set_blocking(int fd, bool blocking)
{
	if (fcntl(fd, F_SETFL, blocking ? O_RDWR : O_RDWR | O_NONBLOCK) < 0)
		die("flags of the terminal");
}
