// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "bpf/lib/log.h"

static const char *name = "activity-heartbeat";
static bool debug;
static char *diverted;
static size_t diverted_size;

/* One write a message, so that lines of several processes do not mix. */
__attribute__((format(printf, 2, 0))) static void emit(const char *error, const char *format,
						       va_list args)
{
	char text[1024];
	size_t length;

	vsnprintf(text, sizeof(text), format, args);
	/* libbpf ends its messages with a newline, and so may an errno's text not. */
	length = strlen(text);
	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	if (diverted) {
		snprintf(diverted, diverted_size, "%s%s%s", text, error ? ": " : "",
			 error ? error : "");
		return;
	}
	fprintf(stderr, "%s: %s%s%s\n", name, text, error ? ": " : "", error ? error : "");
}

__attribute__((format(printf, 2, 0))) static int print_libbpf(enum libbpf_print_level level,
							      const char *format, va_list args)
{
	if (debug && level <= LIBBPF_INFO)
		emit(NULL, format, args);
	return 0;
}

void log_init(const char *program, bool verbose)
{
	name = program;
	debug = verbose;
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	libbpf_set_print(print_libbpf);
}

void log_divert(char *buffer, size_t size)
{
	diverted = buffer;
	diverted_size = size;
}

int log_error(int err, const char *format, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, format);
	emit(NULL, format, args);
	va_end(args);
	errno = saved;
	return err;
}

int log_errno(int err, const char *format, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, format);
	emit(strerror(-err), format, args);
	va_end(args);
	errno = saved;
	return err;
}

void log_info(const char *format, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, format);
	emit(NULL, format, args);
	va_end(args);
	errno = saved;
}

void log_debug(const char *format, ...)
{
	int saved = errno;
	va_list args;

	if (!debug)
		return;
	va_start(args, format);
	emit(NULL, format, args);
	va_end(args);
	errno = saved;
}
