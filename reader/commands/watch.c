// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "bpf/lib/cleanup.h"
#include "reader/commands/watch.h"
#include "reader/text/text.h"

static const char cursor_home[] = "\033[H";
static const char erase_screen[] = "\033[H\033[2J";
static const char erase_line_end[] = "\033[K";
static const char erase_below[] = "\033[J";

static const struct timespec interval = {.tv_sec = 1};

static void screen_size(size_t *width, size_t *height)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		memset(&size, 0, sizeof(size));
	*width = size.ws_col;
	*height = size.ws_row;
}

size_t watch_width(void)
{
	size_t height;
	size_t width;

	screen_size(&width, &height);
	return width;
}

struct screen {
	const char *text;
	size_t height; /* 0: unknown */
};

/* Overwrite the screen line by line, which does not flicker, and erase the rest of the last one. */
static int compose(FILE *stream, const void *data)
{
	const struct screen *screen = data;
	const char *text = screen->text;

	fputs(cursor_home, stream);
	for (size_t line = 1; *text != '\0'; line++) {
		size_t length = strcspn(text, "\n");

		fwrite(text, 1, length, stream);
		fputs(erase_line_end, stream);
		text += length;
		if (*text == '\n')
			text++;
		/* The last row stays empty: a newline there would scroll. */
		if (screen->height > 0 && line + 1 >= screen->height)
			break;
		fputc('\n', stream);
	}
	fputs(erase_below, stream);
	return 0;
}

static int show(watch_draw draw, void *data)
{
	_cleanup_free_ char *picture = NULL;
	_cleanup_free_ char *text = NULL;
	struct screen screen;
	size_t length;
	size_t width;
	int r;

	screen_size(&width, &screen.height);
	r = draw(data, width, &text);
	if (r < 0)
		return r;
	screen.text = text;
	r = text_format("watch", compose, &screen, &picture, &length);
	return r < 0 ? r : text_write(picture, length);
}

int watch_run(watch_draw draw, void *data)
{
	sigset_t signals;
	int r;

	/* They stay blocked: a second Ctrl-C must not kill the process during a clean end. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGWINCH);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	r = text_write(erase_screen, strlen(erase_screen));
	while (r == 0) {
		int signal;

		r = show(draw, data);
		if (r < 0)
			break;
		signal = sigtimedwait(&signals, NULL, &interval);
		if (signal > 0 && signal != SIGWINCH)
			break;
	}
	/* The shell's prompt gets a line of its own. */
	if (r == 0)
		r = text_write("\n", 1);
	return r == -EPIPE ? 0 : r;
}
