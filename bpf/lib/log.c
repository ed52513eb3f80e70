// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "bpf/lib/log.h"

static const char *name = "activity-heartbeat";
static bool debug;

static bool ends_line(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && text[length - 1] == '\n';
}

/*
 * Print a message. Standard error is line-buffered, so a line is one write: lines of several
 * processes do not mix. Nothing is cut, because a verifier log gives its reason at its end.
 */
__attribute__((format(printf, 2, 0))) static void print(const char *error, const char *format,
							va_list args)
{
	fprintf(stderr, "%s: ", name);
	vfprintf(stderr, format, args);
	if (error)
		fprintf(stderr, ": %s", error);
	/* libbpf ends its messages with a newline. */
	if (error || !ends_line(format))
		fputc('\n', stderr);
}

__attribute__((format(printf, 3, 0))) static void keep(struct reason *why, const char *error,
						       const char *format, va_list args)
{
	size_t length;

	vsnprintf(why->text, sizeof(why->text), format, args);
	length = strlen(why->text);
	if (error)
		snprintf(why->text + length, sizeof(why->text) - length, ": %s", error);
}

__attribute__((format(printf, 2, 0))) static int print_libbpf(enum libbpf_print_level level,
							      const char *format, va_list args)
{
	if (debug && level <= LIBBPF_INFO)
		print(NULL, format, args);
	return 0;
}

void log_init(const char *program, bool verbose)
{
	name = program;
	debug = verbose;
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	libbpf_set_print(print_libbpf);
}

int log_message(struct reason *why, enum log_kind kind, int err, const char *format, ...)
{
	const char *error;
	int saved = errno;
	va_list args;

	if (kind == LOG_DEBUG && !debug)
		return err;
	error = kind == LOG_ERRNO ? strerror(-err) : NULL;
	va_start(args, format);
	if (why)
		keep(why, error, format, args);
	else
		print(error, format, args);
	va_end(args);
	errno = saved;
	return err;
}
