/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Takes listening sockets from the service manager, by the protocol of sd_listen_fds(3). */
#ifndef HB_READER_ACTIVATION_H
#define HB_READER_ACTIVATION_H

#include "reader/http/access.h"

/* The name that systemd gives a socket for workspaces, by FileDescriptorName=. */
#define ACTIVATION_SELF "self"

enum { ACTIVATION_MAX = 16, ACTIVATION_NAME_LEN = 128 };

struct activation {
	int fd;
	enum access
		access; /* to a unix socket that not everybody can connect to, members have it */
	char name[ACTIVATION_NAME_LEN];
};

/**
 * activation_take - take the sockets that were passed to this process, if any
 *
 * They become non-blocking. Neither they nor their environment variables are passed on to other
 * programs. Returns their number, or -errno, logged, with all of them closed; -EINVAL: one is not a
 * listening stream socket, or there are too many.
 */
int activation_take(struct activation sockets[ACTIVATION_MAX]);

#endif
