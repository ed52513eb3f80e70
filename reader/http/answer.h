/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the HTTP server answers to whom. */
#ifndef HB_READER_ANSWER_H
#define HB_READER_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "reader/http/public.h"

enum {
	ANSWER_ARGUMENTS_MAX = 4,
	ANSWER_NONCE_LEN = 2 * 16 + 1,
};

struct request {
	const char *method;
	const char *path;
	const char *accept; /* the header, or NULL */
	size_t count;	    /* of arguments; more than ANSWER_ARGUMENTS_MAX are not kept */
	struct {
		const char *name;
		const char *value;
	} arguments[ANSWER_ARGUMENTS_MAX];
};

struct answer {
	unsigned int status;
	const char *type;
	const char *allow;	      /* the methods, if it was another; or NULL */
	bool varies;		      /* with the Accept header */
	char nonce[ANSWER_NONCE_LEN]; /* that allows the document's style; or empty */
	char *body;		      /* the receiver's, to free */
	size_t length;
};

/**
 * answer_make - answer a request
 * @trusted: who asks may read the maps, and so gets all there is
 *
 * Returns 0 or -ENOMEM. What goes wrong otherwise is an answer too.
 */
int answer_make(struct public *pages, bool trusted, const struct request *request,
		struct answer *answer);

/** answer_refuse_body - the answer to a request that carries something. Returns 0 or -ENOMEM */
int answer_refuse_body(struct answer *answer);

#endif
