// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A client of the server under attack. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bpf/lib/units.h"
#include "tests/kernel/hostile.h"
#include "tests/lib/program.h"
#include "tests/lib/timing.h"

static union {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_un un;
} address;
static uint64_t end_at;

void client_start(const char *where, uint64_t seconds)
{
	if (strchr(where, '/')) {
		address.un.sun_family = AF_UNIX;
		snprintf(address.un.sun_path, sizeof(address.un.sun_path), "%s", where);
	} else {
		address.in.sin_family = AF_INET;
		address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		address.in.sin_port = htons((uint16_t)number(where));
	}
	end_at = time_now(CLOCK_MONOTONIC) + seconds * NS_PER_S;
}

bool client_is_self(void)
{
	return address.any.sa_family == AF_UNIX;
}

bool client_is_over(void)
{
	return time_now(CLOCK_MONOTONIC) >= end_at;
}

void client_pause(unsigned int ms)
{
	usleep(ms * 1000);
}

int client_connect(void)
{
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t length = client_is_self() ? sizeof(address.un) : sizeof(address.in);

	if (fd < 0)
		die("socket");
	if (connect(fd, &address.any, length) < 0) {
		close(fd);
		return -1;
	}
	hostile_counts.connections++;
	return fd;
}

void client_send(int fd, const char *text, size_t length)
{
	while (length > 0) {
		struct pollfd writable = {.fd = fd, .events = POLLOUT};
		ssize_t sent = send(fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno != EAGAIN)
			return;
		if (sent < 0 && poll(&writable, 1, PATIENCE_MS) <= 0)
			return;
		text += sent > 0 ? sent : 0;
		length -= sent > 0 ? (size_t)sent : 0;
	}
}

size_t client_receive(int fd, char *text, size_t size, int wait_ms)
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	size_t length = 0;
	ssize_t got;

	while (length < size - 1 && poll(&readable, 1, wait_ms) > 0) {
		got = recv(fd, text + length, size - 1 - length, 0);
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	text[length] = '\0';
	return length;
}

void client_count_answers(const char *text)
{
	static const char start[] = "HTTP/1.1 ";

	while ((text = strstr(text, start))) {
		text += strlen(start);
		if (*text == '2')
			hostile_counts.granted++;
		else if (*text == '4' || strncmp(text, "505", 3) == 0)
			hostile_counts.refused++;
		else
			hostile_counts.failed++;
	}
}
