/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Addresses to listen at: `ADDR:PORT`, `[ADDR6]:PORT`, `unix:PATH`. */
#ifndef HB_READER_LISTEN_H
#define HB_READER_LISTEN_H

#include <stdbool.h>

#define LISTEN_DEFAULT "127.0.0.1:9090"

/** listen_check - see that @text is such an address; 0 or -EINVAL, logged */
int listen_check(const char *text);

/** listen_is_unix - whether the address is that of a unix socket */
bool listen_is_unix(const char *text);

/**
 * listen_open - bind and listen at @text, whose syntax was checked
 * @may_be_taken: -EADDRINUSE is not logged
 *
 * A unix socket is made with mode 0660. One that an earlier process of the same user left behind is
 * replaced; any other file in the way is an error. Returns a non-blocking descriptor or -errno,
 * logged.
 */
int listen_open(const char *text, bool may_be_taken);

/** listen_remove - remove the file of unix socket @text, now that its descriptor is closed */
void listen_remove(const char *text);

#endif
