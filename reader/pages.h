/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the HTTP server answers to whom. */
#ifndef HB_READER_PAGES_H
#define HB_READER_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "snapshot.h"

/*
 * How old counters must be before just anybody may see them, and how long they stay the same: the
 * kernel rounds the times of terminals to as much, for the same reason.
 */
enum { PAGES_AGE_S = 8 };

struct pages {
	struct snapshot_source *source;
	struct snapshot aged;	 /* what anybody may see; without records */
	struct snapshot waiting; /* the next of those */
};

struct answer {
	unsigned int status;
	const char *type;
	const char *allow; /* the methods, if it was another; or NULL */
	char *body;	   /* the receiver's, to free */
	size_t length;
};

/** pages_start - have something for anybody. Returns 0 or -errno, logged */
int pages_start(struct pages *pages, struct snapshot_source *source);

/** pages_age - to be called every PAGES_AGE_S seconds. Logs what goes wrong */
void pages_age(struct pages *pages);

void pages_stop(struct pages *pages);

/**
 * pages_answer - answer a request
 * @trusted: who asks may read the maps, and so gets all there is
 *
 * Returns 0 or -ENOMEM. What goes wrong otherwise is an answer too.
 */
int pages_answer(struct pages *pages, bool trusted, const char *method, const char *path,
		 struct answer *answer);

/** pages_refuse_body - the answer to a request that carries something. Returns 0 or -ENOMEM */
int pages_refuse_body(struct answer *answer);

#endif
