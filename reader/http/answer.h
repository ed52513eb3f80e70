/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Makes the answer to an HTTP request. */
#ifndef HB_READER_ANSWER_H
#define HB_READER_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "reader/http/access.h"
#include "reader/http/negotiate.h"
#include "reader/http/public.h"
#include "reader/http/self.h"

enum {
	ANSWER_ARGUMENTS_MAX = 4,
	ANSWER_NONCE_LEN = 2 * 16 + 1,
};

struct request {
	const char *method;
	const char *path;
	struct negotiation accept;
	bool other_host;   /* the URL has a host name that is not this machine's */
	bool other_origin; /* a page of another site has sent it */
	bool by_browser;
	size_t count; /* of arguments; beyond ANSWER_ARGUMENTS_MAX they are not kept */
	struct {
		const char *name;
		const char *value;
	} arguments[ANSWER_ARGUMENTS_MAX];
};

struct answer {
	unsigned int status;
	const char *type;
	const char *allow;	      /* the methods, if the request's is not allowed; or NULL */
	bool varies;		      /* with the Accept header */
	char nonce[ANSWER_NONCE_LEN]; /* by which the policy allows the style; or empty */
	char *body;		      /* the receiver's, to free */
	size_t length;
};

/* Who sent a request. */
struct asker {
	enum access access;
	struct self *self;  /* with ACCESS_SELF, */
	uint64_t cgroup_id; /* where the client is */
};

/**
 * answer_make - answer a request of @asker, with what it may see
 *
 * Returns 0 or -ENOMEM. Any other failure is an answer too.
 */
int answer_make(struct public_state *state, const struct asker *asker,
		const struct request *request, struct answer *answer);

/**
 * answer_refuse - answer a request that is not looked at
 * @why: NULL: it has a body; else what is wrong with it
 *
 * Returns 0 or -ENOMEM.
 */
int answer_refuse(struct answer *answer, const char *why);

#endif
