/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Runs an HTTP server at one address, inside the loop of the reader. */
#ifndef HB_READER_SERVER_H
#define HB_READER_SERVER_H

#include "reader/http/access.h"
#include "reader/http/clients.h"
#include "reader/http/gate.h"
#include "reader/http/public.h"
#include "reader/loop.h"

struct MHD_Daemon;

struct server {
	/* To be set before the start: */
	struct loop *loop;
	struct public_state *state;
	struct clients *clients; /* shared by all servers */
	struct gate *gate;	 /* with ACCESS_SELF */
	const char *address;	 /* for messages */
	enum access access;	 /* of its clients */
	bool remove;		 /* the file of the unix socket @address, at the end */
	/* Private: */
	struct MHD_Daemon *daemon;
	int source;
	int timer;
};

/**
 * server_start - serve at the listening socket @fd, and take it over
 * Returns 0, or -errno, logged; then there is nothing to stop.
 */
int server_start(struct server *server, int fd);

void server_stop(struct server *server);

#endif
