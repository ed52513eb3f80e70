// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "bpf/lib/units.h"
#include "reader/commands/self_client.h"

static int log_connect(const char *path, int err)
{
	if (err == -ENOENT || err == -ECONNREFUSED)
		return log_error(
			-EIO,
			"%s: %s: nobody answers there: on the host, start hb-read-self.socket; in a container, mount its directory",
			path, strerror(-err));
	if (err == -EAGAIN)
		return log_error(-EIO, "%s: the server is busy: try again", path);
	return log_error(-EIO, "cannot connect to %s: %s", path, strerror(-err));
}

/* Returns a descriptor or -errno, logged. */
static int open_connection(const char *path)
{
	const struct timeval patience = {.tv_sec = SELF_PATIENCE_S};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = -EBADF;
	int connected;

	if (strlen(path) >= sizeof(address.sun_path))
		return log_error(-EINVAL, "--socket %s: give a path of at most %zu bytes", path,
				 sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* If the server has too many clients, connect() waits for that long. */
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		return log_error(-EIO, "socket: %s", strerror(errno));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return log_connect(path, -errno);
	connected = fd;
	fd = -EBADF;
	return connected;
}

/* Returns the number of bytes that were read until the end, or -errno. */
static ssize_t read_all(int fd, char *text, size_t size)
{
	uint64_t end = clock_boot_ns() + SELF_PATIENCE_S * NS_PER_S;
	size_t length = 0;

	for (;;) {
		uint64_t now = clock_boot_ns();
		struct pollfd readable = {.fd = fd, .events = POLLIN};
		ssize_t got;

		if (now >= end || poll(&readable, 1, (int)((end - now) / NS_PER_MS)) == 0)
			return -ETIMEDOUT;
		got = recv(fd, text + length, size - length, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got <= 0)
			return got < 0 ? -errno : (ssize_t)length;
		length += (size_t)got;
		if (length == size)
			return -EMSGSIZE;
	}
}

/* Find status and body. Returns false if the answer is not whole. */
static bool parse(struct self_answer *answer)
{
	const char *length = strcasestr(answer->text, "\r\nContent-Length: ");
	char *body = strstr(answer->text, "\r\n\r\n");

	if (sscanf(answer->text, "HTTP/1.%*1[01] %3u ", &answer->status) != 1 || !body || !length ||
	    length > body)
		return false;
	answer->body = body + strlen("\r\n\r\n");
	return strtoul(strchr(length, ':') + 1, NULL, 10) == strlen(answer->body);
}

int self_get(const char *path, const char *target, struct self_answer *answer)
{
	_cleanup_close_ int fd = open_connection(path);
	char request[256];
	ssize_t length;

	if (fd < 0)
		return fd;
	snprintf(request, sizeof(request),
		 "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", target);
	/* A server that refuses to listen may have answered all the same. */
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0 && errno != EPIPE)
		return log_error(-EIO, "%s: %s", path, strerror(errno));
	length = read_all(fd, answer->text, SELF_ANSWER_MAX);
	if (length == -ETIMEDOUT)
		return log_error(-EIO, "%s: no answer within %d s", path, SELF_PATIENCE_S);
	if (length < 0)
		return log_error(-EIO, "%s: %s", path, strerror((int)-length));
	answer->text[length] = '\0';
	if (!parse(answer))
		return log_error(-EIO, "%s: the answer is not whole: try again", path);
	return 0;
}
