// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "reader/lines/output.h"

/* If a write blocks this long, interrupt it, repeatedly. */
enum { INTERRUPT_US = 20000 };

/*
 * Setting O_NONBLOCK on @fd itself would break the shell and other processes, which share the open
 * file.
 */
static int reopen(int fd)
{
	char path[sizeof("/proc/self/fd/2147483647")];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

static void on_alarm(int number)
{
	(void)number;
}

static void prepare_interrupts(void)
{
	struct sigaction action = {.sa_handler = on_alarm}; /* without SA_RESTART */

	sigemptyset(&action.sa_mask);
	sigaction(SIGALRM, &action, NULL);
}

/*
 * poll(2) promises room for PIPE_BUF bytes in a pipe, but only for some in a terminal: a longer
 * write blocks until there is room for the rest.
 */
static ssize_t write_interrupted(int fd, const char *text, size_t length)
{
	static const struct itimerval off;
	const struct itimerval on = {
		.it_value.tv_usec = INTERRUPT_US,
		.it_interval.tv_usec = INTERRUPT_US,
	};
	ssize_t written;

	setitimer(ITIMER_REAL, &on, NULL);
	written = write(fd, text, length);
	if (written < 0 && errno == EINTR)
		errno = EAGAIN;
	setitimer(ITIMER_REAL, &off, NULL);
	return written;
}

int output_open(struct output *output, int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	*output = (struct output){.kind = OUTPUT_PLAIN, .fd = fd, .own = -EBADF};
	if (flags < 0 || fstat(fd, &st) < 0 || (flags & O_ACCMODE) == O_RDONLY)
		return log_error(-EBADF,
				 "standard output is closed: redirect it to /dev/null instead");
	if (S_ISSOCK(st.st_mode)) {
		output->kind = OUTPUT_SOCKET;
		return 0;
	}
	if (S_ISFIFO(st.st_mode))
		output->kind = OUTPUT_PIPE;
	else if (isatty(fd))
		output->kind = OUTPUT_TERMINAL;
	else
		return 0;
	output->terminal = output->kind == OUTPUT_TERMINAL;
	output->own = reopen(fd);
	if (output->own >= 0) {
		output->kind = OUTPUT_REOPENED;
		output->fd = output->own;
	} else if (output->terminal) {
		prepare_interrupts();
	}
	return 0;
}

void output_close(struct output *output)
{
	close_fd(output->own);
	output->own = -EBADF;
}

static bool has_room(int fd)
{
	struct pollfd out = {.fd = fd, .events = POLLOUT};

	return poll(&out, 1, 0) > 0;
}

ssize_t output_write(const struct output *output, const char *text, size_t length)
{
	ssize_t written;

	if ((output->kind == OUTPUT_PIPE || output->kind == OUTPUT_TERMINAL) &&
	    !has_room(output->fd))
		return -EAGAIN;
	do {
		if (output->kind == OUTPUT_SOCKET)
			written = send(output->fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
		else if (output->kind == OUTPUT_TERMINAL)
			written = write_interrupted(output->fd, text, length);
		else
			written = write(output->fd, text, length);
	} while (written < 0 && errno == EINTR);
	if (written >= 0)
		return written;
	/* ECONNRESET: the peer of a socket is gone; EIO: the terminal was closed. */
	if (errno == ECONNRESET || (errno == EIO && output->terminal))
		return -EPIPE;
	return -errno;
}
