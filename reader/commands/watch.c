// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "bpf/lib/log.h"
#include "reader/text/text.h"
#include "reader/commands/watch.h"

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

/* Overwrite the screen line by line, which does not flicker, and erase what is left of the last. */
static void compose(FILE *screen, const char *text, size_t height)
{
	fputs(cursor_home, screen);
	for (size_t line = 1; *text != '\0'; line++) {
		size_t length = strcspn(text, "\n");

		fwrite(text, 1, length, screen);
		fputs(erase_line_end, screen);
		text += length;
		if (*text == '\n')
			text++;
		/* The last row stays empty: a newline there would scroll. */
		if (height > 0 && line + 1 >= height)
			break;
		fputc('\n', screen);
	}
	fputs(erase_below, screen);
}

static int show(watch_draw draw, void *data)
{
	char *picture = NULL;
	size_t length = 0;
	char *text = NULL;
	FILE *stream;
	size_t height;
	size_t width;
	int r;

	screen_size(&width, &height);
	stream = open_memstream(&text, &length);
	if (!stream)
		return log_errno(-errno, "watch");
	r = draw(data, stream, width);
	if (fclose(stream) != 0 && r == 0)
		r = log_errno(-ENOMEM, "watch");
	if (r < 0)
		goto end;
	stream = open_memstream(&picture, &length);
	if (!stream) {
		r = log_errno(-errno, "watch");
		goto end;
	}
	compose(stream, text, height);
	if (fclose(stream) != 0)
		r = log_errno(-ENOMEM, "watch");
	else
		r = text_write(picture, length);
end:
	free(picture);
	free(text);
	return r;
}

int watch_run(watch_draw draw, void *data)
{
	sigset_t signals;
	int r;

	/* They stay blocked: a second Ctrl-C must not turn a clean end into a killed process. */
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
	/* What comes next, the shell's prompt say, starts on a line of its own. */
	if (r == 0)
		r = text_write("\n", 1);
	return r == -EPIPE ? 0 : r;
}
