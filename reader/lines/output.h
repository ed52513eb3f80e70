/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Writing to standard output without ever waiting for whoever reads it, whatever it is. Regular
 * files are the exception: they do not wait for anybody.
 */
#ifndef HB_READER_OUTPUT_H
#define HB_READER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum output_kind {
	OUTPUT_PLAIN,	 /* a file, or a device without flow control: write as it is */
	OUTPUT_REOPENED, /* a pipe or terminal: through a non-blocking open file of our own */
	OUTPUT_PIPE,	 /* a pipe that could not be reopened: ask poll(2) first */
	OUTPUT_TERMINAL, /* a terminal of somebody else: the same, and interrupt it */
	OUTPUT_SOCKET,
};

struct output {
	enum output_kind kind;
	bool terminal;
	int fd;	 /* to write to, and to wait for */
	int own; /* to close, or -EBADF */
};

/**
 * output_open - find out how to write to @fd
 * Returns 0 or -errno, logged: @fd is closed, or open for reading only. Release with
 * output_close().
 */
int output_open(struct output *output, int fd);

void output_close(struct output *output);

/**
 * output_write - write some of @text
 *
 * Up to PIPE_BUF bytes go to a pipe as a whole or not at all. Returns the number of bytes written,
 * -EAGAIN if it would have to wait, -EPIPE if nobody will ever read it, or another -errno, not
 * logged.
 */
ssize_t output_write(const struct output *output, const char *text, size_t length);

#endif
