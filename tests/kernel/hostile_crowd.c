// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Many connections that do little. */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bpf/lib/units.h"
#include "tests/kernel/hostile.h"
#include "tests/lib/timing.h"

enum { IDLE_EVERY_MS = 4000, SLOW_EVERY_MS = 1000 };

static const char slow[] = "GET /metrics HTTP/1.1\r\nHost: a\r\nX-Slow: ";

static const char whole[] = "GET /activity HTTP/1.1\r\nHost: a\r\n\r\n";

static bool is_closed(int fd)
{
	struct pollfd any = {.fd = fd, .events = POLLIN};
	char answer[4096];

	if (poll(&any, 1, 0) == 0)
		return false;
	/* The server may say why before it closes the connection. */
	return client_receive(fd, answer, sizeof(answer), 0) == 0;
}

/* Open a connection if it is closed; send some more of @text, if any, if it is open. */
static void look_after(int *fd, const char *text)
{
	if (*fd >= 0 && is_closed(*fd)) {
		close(*fd);
		*fd = -1;
	}
	if (*fd >= 0) {
		if (text)
			client_send(*fd, text, strlen(text));
		return;
	}
	*fd = client_connect();
	if (*fd >= 0 && text)
		client_send(*fd, slow, strlen(slow));
}

/* Keep @count connections, and look after each of them every @every_ms. */
static void crowd(int count, unsigned int every_ms, const char *text)
{
	int fds[CROWD_IDLE];

	for (int i = 0; i < count; i++)
		fds[i] = -1;
	while (!client_is_over()) {
		uint64_t next = time_now(CLOCK_MONOTONIC) + every_ms * NS_PER_MS;

		for (int i = 0; i < count && !client_is_over(); i++) {
			look_after(&fds[i], text);
			/* Spread them over half of that time. */
			usleep(every_ms * 500 / (unsigned int)count);
		}
		while (time_now(CLOCK_MONOTONIC) < next && !client_is_over())
			client_pause(PAUSE_MS);
	}
	for (int i = 0; i < count; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

void crowd_idle(void)
{
	crowd(CROWD_IDLE, IDLE_EVERY_MS, NULL);
}

/* Connect, ask and go again at once, without reading; a thousand connections are open at a time. */
void crowd_flood(void)
{
	int fds[CROWD_IDLE];

	for (int i = 0; i < CROWD_IDLE; i++)
		fds[i] = -1;
	for (int i = 0; !client_is_over(); i = (i + 1) % CROWD_IDLE) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = client_connect();
		if (fds[i] >= 0)
			send(fds[i], whole, strlen(whole), MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	for (int i = 0; i < CROWD_IDLE; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

void crowd_slowloris(void)
{
	crowd(CROWD_SLOW, SLOW_EVERY_MS, "a");
}
