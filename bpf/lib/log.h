/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Print messages on standard error, each one line that starts with the program's name.
 *
 * A function that takes a `struct reason *why` puts its message there instead, for a caller that
 * prints it in another place. With NULL it logs the message like any other.
 */
#ifndef HB_LOG_H
#define HB_LOG_H

#include <stddef.h>

struct reason {
	char text[1024];
};

enum log_kind {
	LOG_TEXT,
	LOG_ERRNO, /* followed by `: ` and the text of the errno */
	LOG_DEBUG, /* only with --verbose */
};

/**
 * log_init - name the program and route libbpf's messages through this logger
 * @verbose: how often --verbose was given: 1 shows log_debug()
 *
 * From LOG_LIBBPF on, libbpf's messages are shown, too, with hundreds of lines of the verifier.
 */
void log_init(const char *program, unsigned int verbose);

enum { LOG_LIBBPF = 2 };

/** log_text_of - the text of -@err, which the kernel returned */
const char *log_text_of(int err);

/** log_message - what the macros below call. Returns @err, and keeps errno */
int log_message(struct reason *why, enum log_kind kind, int err, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* log_error - report what went wrong; for `return log_error(-EINVAL, ...)` */
#define log_error(err, ...) log_message(NULL, LOG_TEXT, err, __VA_ARGS__)

/* log_errno - the same, followed by `: ` and the text of -@err */
#define log_errno(err, ...) log_message(NULL, LOG_ERRNO, err, __VA_ARGS__)

/* reason_set, reason_set_errno - the same, into @why unless that is NULL */
#define reason_set(why, err, ...)	log_message(why, LOG_TEXT, err, __VA_ARGS__)
#define reason_set_errno(why, err, ...) log_message(why, LOG_ERRNO, err, __VA_ARGS__)

/* log_info - something that the user should know */
#define log_info(...) ((void)log_message(NULL, LOG_TEXT, 0, __VA_ARGS__))

/* log_debug - a message for --verbose */
#define log_debug(...) ((void)log_message(NULL, LOG_DEBUG, 0, __VA_ARGS__))

#endif
