/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Limits how many clients there are, at several addresses together, and how long each may take.
 *
 * If there are too many, a new client still gets in: the one that has kept us waiting longest, for a
 * request or while its answer is sent, has to leave. So idle connections, however many, cannot lock
 * out a scraper, which asks at once. Where clients have owners, one of the owner with the most leaves.
 */
#ifndef HB_READER_CLIENTS_H
#define HB_READER_CLIENTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "reader/loop.h"

enum {
	CLIENTS_MAX = 64,
	CLIENTS_OF_WORKSPACE = 4,
	CLIENTS_PATIENCE_S = 30, /* for a request and its answer together */
};

struct client;

struct clients {
	struct loop *loop;
	int timer;
	size_t most_each; /* of one owner */
	size_t count;
	TAILQ_HEAD(client_list, client) list; /* the one that has waited longest first */
};

/**
 * clients_start - begin without clients
 * @most_each: how many an owner may have
 *
 * Returns 0 or -errno, logged.
 */
int clients_start(struct clients *clients, struct loop *loop, size_t most_each);

/** clients_stop - after the last client has left */
void clients_stop(struct clients *clients);

/**
 * clients_enter - add the client of @owner that is connected by socket @fd
 * @cgroup_id: of the client, for clients_cgroup()
 *
 * Returns it, or NULL: there is no memory for it, and its socket was shut down.
 */
struct client *clients_enter(struct clients *clients, int fd, uint64_t owner, uint64_t cgroup_id);

/** clients_cgroup - the control group that @client has entered with; 0 for NULL */
uint64_t clients_cgroup(const struct client *client);

/** clients_served - restart the time of @client, which got its answer. NULL is ignored */
void clients_served(struct clients *clients, struct client *client);

/** clients_leave - remove @client: its socket is about to be closed. NULL is ignored */
void clients_leave(struct clients *clients, struct client *client);

#endif
