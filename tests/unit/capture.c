// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE /* fopencookie */
#include <stdio.h>
#include <sys/types.h>

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
	/* The C library of GNU lets a program set its standard streams. */
	real = stderr;
	stderr = fopencookie(NULL, "w", (cookie_io_functions_t){.write = keep});
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
}
