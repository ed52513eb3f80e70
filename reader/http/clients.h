/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The clients of all addresses together: how many there are, and how long each may take.
 *
 * With all places taken a new client still gets one: the one that has been waiting longest, for a
 * request or for its answer to be taken, makes room. So many idle connections do not lock a scraper
 * out, which asks at once.
 */
#ifndef HB_READER_CLIENTS_H
#define HB_READER_CLIENTS_H

#include <stddef.h>

#include "reader/loop.h"

enum {
	CLIENTS_MAX = 64,
	CLIENTS_PATIENCE_S = 30, /* for a whole request, and its whole answer */
};

struct client;

struct clients {
	struct loop *loop;
	int timer;
	size_t count;
	struct client *oldest;
	struct client *newest;
};

/** clients_start - returns 0 or -errno, logged */
int clients_start(struct clients *clients, struct loop *loop);

/** clients_stop - after the last client has left */
void clients_stop(struct clients *clients);

/**
 * clients_enter - a client is connected by socket @fd
 * Returns it, or NULL: there is no memory to keep an eye on it, and its socket was shut down.
 */
struct client *clients_enter(struct clients *clients, int fd);

/** clients_served - @client has got an answer: its time starts anew. NULL is ignored */
void clients_served(struct clients *clients, struct client *client);

/** clients_leave - the socket of @client is about to be closed. NULL is ignored */
void clients_leave(struct clients *clients, struct client *client);

#endif
