/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Messages on standard error, each one line that starts with the program's name. */
#ifndef HB_LOG_H
#define HB_LOG_H

#include <stdbool.h>
#include <stddef.h>

/**
 * log_init - name the program and route libbpf's messages through this logger
 *
 * libbpf's warnings are shown one level lower: only when @verbose is set.
 */
void log_init(const char *program, bool verbose);

/** log_error - say what went wrong; returns @err, a negative errno, for `return log_error(...)` */
int log_error(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** log_errno - the same, followed by `: ` and the text of -@err */
int log_errno(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** log_info - something the user should know */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * log_divert - let messages go to @buffer of @size bytes instead, the latest only
 * NULL ends it. For who wants to show them elsewhere.
 */
void log_divert(char *buffer, size_t size);

/** log_debug - shown with --verbose only */
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
