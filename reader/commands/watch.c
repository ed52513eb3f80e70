// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "reader/commands/watch.h"
#include "reader/text/text.h"

void watch_size(size_t *width, size_t *height)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		memset(&size, 0, sizeof(size));
	*width = size.ws_col;
	*height = size.ws_row;
}

static void fill_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGHUP);
	sigaddset(signals, SIGWINCH);
}

int watch_start(void)
{
	static const char erase_screen[] = WATCH_HOME "\033[2J";
	sigset_t signals;

	/* They stay blocked: a second Ctrl-C must not kill the process during a clean end. */
	fill_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return text_write(erase_screen, strlen(erase_screen));
}

bool watch_wait(void)
{
	static const struct timespec interval = {.tv_sec = 1};
	sigset_t signals;
	int signal;

	fill_signals(&signals);
	signal = sigtimedwait(&signals, NULL, &interval);
	return signal < 0 || signal == SIGWINCH;
}
