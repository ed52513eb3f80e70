// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "bpf/lib/units.h"
#include "reader/http/clients.h"

/* In a list, by the time since it has kept us waiting, until it is turned out. */
struct client {
	int fd;
	bool listed;
	uint64_t owner;
	uint64_t cgroup_id;
	uint64_t since;
	TAILQ_ENTRY(client) entry;
};

static void unlist(struct clients *clients, struct client *client)
{
	if (!client->listed)
		return;
	TAILQ_REMOVE(&clients->list, client, entry);
	client->listed = false;
	clients->count--;
}

static void list(struct clients *clients, struct client *client)
{
	client->since = clock_boot_ns();
	TAILQ_INSERT_TAIL(&clients->list, client, entry);
	client->listed = true;
	clients->count++;
}

/*
 * The server notices the end of the connection and closes it. Without lingering: the kernel would
 * keep data that the client does not take for minutes.
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
	struct client *oldest;

	(void)events;
	while ((oldest = TAILQ_FIRST(&clients->list)) &&
	       now - oldest->since >= CLIENTS_PATIENCE_S * NS_PER_S)
		turn_out(clients, oldest);
	/* Without clients do not wake up. */
	return loop_set_timer(clients->loop, clients->timer, oldest ? NS_PER_S : 0, 0);
}

int clients_start(struct clients *clients, struct loop *loop, size_t most_each)
{
	*clients = (struct clients){.loop = loop, .most_each = most_each};
	TAILQ_INIT(&clients->list);
	clients->timer = loop_add_timer(loop, 0, 0, on_timer, clients);
	return clients->timer < 0 ? log_errno(clients->timer, "timer") : 0;
}

void clients_stop(struct clients *clients)
{
	if (clients->loop && clients->timer >= 0)
		loop_remove(clients->loop, clients->timer);
	clients->loop = NULL;
}

static size_t count_of(const struct clients *clients, uint64_t owner)
{
	const struct client *client;
	size_t count = 0;

	TAILQ_FOREACH(client, &clients->list, entry)
	count += client->owner == owner;
	return count;
}

/* Who has to leave for a client of @owner: the oldest of those who have most, or NULL. */
static struct client *find_superfluous(const struct clients *clients, uint64_t owner)
{
	bool is_rich = count_of(clients, owner) >= clients->most_each;
	struct client *found = NULL;
	size_t most = 0;

	if (!is_rich && clients->count < CLIENTS_MAX)
		return NULL;
	for (struct client *client = TAILQ_FIRST(&clients->list); client;
	     client = TAILQ_NEXT(client, entry)) {
		size_t count = count_of(clients, client->owner);

		if (is_rich && client->owner == owner)
			return client;
		if (count > most) {
			found = client;
			most = count;
		}
	}
	return found;
}

struct client *clients_enter(struct clients *clients, int fd, uint64_t owner, uint64_t cgroup_id)
{
	struct client *client = calloc(1, sizeof(*client));
	struct client *superfluous;

	if (!client) {
		shut(fd);
		return NULL;
	}
	client->fd = fd;
	client->owner = owner;
	client->cgroup_id = cgroup_id;
	superfluous = find_superfluous(clients, owner);
	if (superfluous)
		turn_out(clients, superfluous);
	if (clients->count == 0)
		loop_set_timer(clients->loop, clients->timer, NS_PER_S, 0);
	list(clients, client);
	return client;
}

uint64_t clients_cgroup(const struct client *client)
{
	return client ? client->cgroup_id : 0;
}

/*
 * A client that has closed its side waits for us to close ours. The server (libmicrohttpd 0.9.75) does
 * not notice if that came together with the request: wake it up.
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
