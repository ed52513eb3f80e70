// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "reader/http/clients.h"

static const uint64_t ns_per_s = 1000000000;

/* In a list by the time since when it has been waiting; not any more once it was turned out. */
struct client {
	int fd;
	bool listed;
	uint64_t since;
	struct client *older;
	struct client *newer;
};

static void unlist(struct clients *clients, struct client *client)
{
	if (!client->listed)
		return;
	if (client->older)
		client->older->newer = client->newer;
	else
		clients->oldest = client->newer;
	if (client->newer)
		client->newer->older = client->older;
	else
		clients->newest = client->older;
	client->listed = false;
	clients->count--;
}

static void list(struct clients *clients, struct client *client)
{
	client->since = clock_boot_ns();
	client->older = clients->newest;
	client->newer = NULL;
	if (clients->newest)
		clients->newest->newer = client;
	else
		clients->oldest = client;
	clients->newest = client;
	client->listed = true;
	clients->count++;
}

/*
 * The server sees that the connection has ended, and closes it. Without lingering: what a client
 * does not take would be kept by the kernel for minutes.
 */
static void shut(int fd)
{
	static const struct linger none = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	shutdown(fd, SHUT_RDWR);
}

static void turn_out(struct clients *clients, struct client *client)
{
	unlist(clients, client);
	shut(client->fd);
}

static int on_timer(void *data, uint32_t events)
{
	struct clients *clients = data;
	uint64_t now = clock_boot_ns();

	(void)events;
	while (clients->oldest && now - clients->oldest->since >= CLIENTS_PATIENCE_S * ns_per_s)
		turn_out(clients, clients->oldest);
	/* Without clients there is nothing to wake up for. */
	return loop_set_timer(clients->loop, clients->timer, clients->oldest ? ns_per_s : 0, 0);
}

int clients_start(struct clients *clients, struct loop *loop)
{
	*clients = (struct clients){.loop = loop};
	clients->timer = loop_add_timer(loop, 0, 0, on_timer, clients);
	return clients->timer < 0 ? log_errno(clients->timer, "timer") : 0;
}

void clients_stop(struct clients *clients)
{
	if (clients->loop && clients->timer >= 0)
		loop_remove(clients->loop, clients->timer);
	clients->loop = NULL;
}

struct client *clients_enter(struct clients *clients, int fd)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client) {
		shut(fd);
		return NULL;
	}
	client->fd = fd;
	if (clients->count == CLIENTS_MAX)
		turn_out(clients, clients->oldest);
	if (clients->count == 0)
		loop_set_timer(clients->loop, clients->timer, ns_per_s, 0);
	list(clients, client);
	return client;
}

/*
 * A client that will ask no more, as it has closed its side, waits for us to close ours. The server
 * (libmicrohttpd 0.9.75) takes no notice if that came together with the request: wake it up.
 */
static void notice_end(int fd)
{
	char next;

	if (recv(fd, &next, sizeof(next), MSG_PEEK | MSG_DONTWAIT) == 0)
		shutdown(fd, SHUT_RD);
}

void clients_served(struct clients *clients, struct client *client)
{
	if (!client || !client->listed)
		return;
	notice_end(client->fd);
	unlist(clients, client);
	list(clients, client);
}

void clients_leave(struct clients *clients, struct client *client)
{
	if (!client)
		return;
	unlist(clients, client);
	free(client);
}
