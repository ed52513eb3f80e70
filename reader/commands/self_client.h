/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sends one request to the server at a unix socket, and waits a few seconds for the answer. */
#ifndef HB_READER_SELF_CLIENT_H
#define HB_READER_SELF_CLIENT_H

enum { SELF_ANSWER_MAX = 64 * 1024, SELF_PATIENCE_S = 10 };

struct self_answer {
	unsigned int status;		/* of HTTP */
	const char *body;		/* in `text` */
	char text[SELF_ANSWER_MAX + 1]; /* the whole answer */
};

/**
 * self_get - get @target from the server at the socket @path
 * Returns 0 with a complete answer, whatever its status; or -errno, logged.
 */
int self_get(const char *path, const char *target, struct self_answer *answer);

#endif
