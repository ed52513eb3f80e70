// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE /* fopencookie, strsep */
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include <check.h>

#include "tests/unit/capture.h"

static char *buffer;
static size_t buffer_size;
static FILE *real;

/* Called once per message: the stream is line buffered, and a message is one line. */
static ssize_t keep(void *cookie, const char *text, size_t length)
{
	(void)cookie;
	snprintf(buffer, buffer_size, "%.*s", (int)length, text);
	return (ssize_t)length;
}

void capture_messages(char *target, size_t size)
{
	if (real) {
		fclose(stderr);
		stderr = real;
		real = NULL;
	}
	buffer = target;
	buffer_size = size;
	if (!target)
		return;
	target[0] = '\0';
	/* The C library of GNU lets a program set its standard streams. */
	real = stderr;
	stderr = fopencookie(NULL, "w", (cookie_io_functions_t){.write = keep});
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
}

int capture_words(char *argv[CAPTURE_WORDS_MAX], const char *program, const char *text)
{
	static char words[1024];
	char *state = words;
	int argc = 0;

	ck_assert_int_lt(snprintf(words, sizeof(words), "%s %s", program, text),
			 (int)sizeof(words));
	for (char *word; (word = strsep(&state, " "));) {
		if (!*word)
			continue;
		ck_assert_int_lt(argc, CAPTURE_WORDS_MAX - 1);
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return argc;
}
