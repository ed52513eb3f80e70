/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Opens listening sockets at addresses: `ADDR:PORT`, `[ADDR6]:PORT`, `localhost:PORT`, `unix:PATH`,
 * `:PORT` for every address of the machine, and for workspaces that ask about themselves `self` or
 * `self:PATH`.
 */
#ifndef HB_READER_LISTEN_H
#define HB_READER_LISTEN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "bpf/lib/log.h"
#include "reader/http/access.h"

#define LISTEN_DEFAULT "127.0.0.1:9090"
#define LISTEN_SELF    "/run/activity-heartbeat/self/socket"

union listen_address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

/**
 * listen_check - check that @text is such an address
 * Returns 0, or -EINVAL with the reason in @why, or logged if that is NULL.
 */
int listen_check(const char *text, struct reason *why);

/** listen_access - what the clients of that address may see */
enum access listen_access(const char *text);

/**
 * listen_open - bind and listen at @text, whose syntax was checked
 * @may_be_taken: -EADDRINUSE is not logged
 *
 * A unix socket gets mode 0660, one for workspaces 0666. It replaces a leftover one of an earlier process of the same user;
 * any other file in the way is an error. Returns a non-blocking descriptor or -errno, logged.
 */
int listen_open(const char *text, bool may_be_taken);

/** listen_remove - remove the file of unix socket @text, now that its descriptor is closed */
void listen_remove(const char *text);

#endif
