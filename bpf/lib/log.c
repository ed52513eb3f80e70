// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "bpf/lib/log.h"
#include "bpf/lib/utf8.h"

static const char *name = "activity-heartbeat";
static unsigned int level;

/* Messages name processes, files and addresses, and those who chose them must not write to a terminal. */
static void make_harmless(char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length;) {
		size_t taken = utf8_shown(text + i, length - i);

		if (taken == 0)
			text[i] = '?';
		i += taken ? taken : 1;
	}
}

const char *log_text_of(int err)
{
	/* include/linux/errno.h of the kernel: it is not for user space, but bpf(2) returns it. */
	static const int enotsupp = 524;

	return err == -enotsupp ? "this kernel does not support it" : strerror(-err);
}

/* Print a message by one write, so that lines of several processes do not mix. */
__attribute__((format(printf, 3, 0))) static void emit(struct reason *why, const char *error,
						       const char *format, va_list args)
{
	struct reason message;
	size_t length;

	vsnprintf(message.text, sizeof(message.text), format, args);
	/* libbpf ends its messages with a newline. */
	length = strlen(message.text);
	while (length > 0 && message.text[length - 1] == '\n')
		message.text[--length] = '\0';
	make_harmless(message.text);
	if (error)
		snprintf(message.text + length, sizeof(message.text) - length, ": %s", error);
	if (why)
		*why = message;
	else
		fprintf(stderr, "%s: %s\n", name, message.text);
}

__attribute__((format(printf, 2, 0))) static int print_libbpf(enum libbpf_print_level kind,
							      const char *format, va_list args)
{
	if (level < LOG_LIBBPF || kind > LIBBPF_INFO)
		return 0;
	/* The log of the verifier is longer than any message of ours, and its end is what counts. */
	fprintf(stderr, "%s: ", name);
	return vfprintf(stderr, format, args);
}

void log_init(const char *program, unsigned int verbose)
{
	name = program;
	level = verbose;
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	libbpf_set_print(print_libbpf);
}

int log_message(struct reason *why, enum log_kind kind, int err, const char *format, ...)
{
	int saved = errno;
	va_list args;

	if (kind == LOG_DEBUG && level == 0)
		return err;
	va_start(args, format);
	emit(why, kind == LOG_ERRNO ? log_text_of(err) : NULL, format, args);
	va_end(args);
	errno = saved;
	return err;
}
