/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Writes to standard output without ever blocking, whatever it is.
 *
 * Regular files are written as they are: their writes wait for no other process.
 */
#ifndef HB_READER_OUTPUT_H
#define HB_READER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum output_kind {
	OUTPUT_PLAIN,	 /* a file, or a device without flow control: write() does not block */
	OUTPUT_REOPENED, /* a pipe or terminal, opened again by us and non-blocking */
	OUTPUT_PIPE,	 /* a pipe that cannot be opened again: ask poll(2) first */
	OUTPUT_TERMINAL, /* a terminal of another user: ask poll(2), and interrupt the write */
	OUTPUT_SOCKET,
};

struct output {
	enum output_kind kind;
	bool terminal;
	int fd;	 /* to write to and to poll */
	int own; /* opened by us, or -EBADF */
};

/**
 * output_open - find out how to write to @fd
 * Returns 0; or -errno, logged, if @fd is closed or read-only. Release with output_close().
 */
int output_open(struct output *output, int fd);

void output_close(struct output *output);

/**
 * output_write - write some of @text
 *
 * Up to PIPE_BUF bytes go to a pipe as a whole or not at all. Returns the number of bytes written,
 * -EAGAIN if the write would block, -EPIPE if the other end is closed, or another -errno; none is
 * logged.
 */
ssize_t output_write(const struct output *output, const char *text, size_t length);

#endif
