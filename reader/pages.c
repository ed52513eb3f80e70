// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics.h"
#include "pages.h"

static const char plain[] = "text/plain; charset=utf-8";
static const char methods[] = "GET, HEAD";

enum {
	STATUS_OK = 200,
	STATUS_NOT_FOUND = 404,
	STATUS_METHOD_NOT_ALLOWED = 405,
	STATUS_CONTENT_TOO_LARGE = 413,
	STATUS_UNAVAILABLE = 503,
};

static int take_trimmed(struct pages *pages, struct snapshot *snapshot)
{
	int r;

	r = snapshot_take(pages->source, snapshot);
	snapshot_trim(snapshot);
	return r;
}

int pages_start(struct pages *pages, struct snapshot_source *source)
{
	int r;

	memset(pages, 0, sizeof(*pages));
	pages->source = source;
	r = take_trimmed(pages, &pages->waiting);
	/* This one is young, but it stays as it is until it is old enough. */
	pages->aged = pages->waiting;
	return r;
}

void pages_age(struct pages *pages)
{
	struct snapshot fresh;

	/* With nothing loaded there is nothing to count: what there was stays until there is. */
	if (take_trimmed(pages, &fresh) < 0)
		return;
	pages->aged = pages->waiting;
	pages->waiting = fresh;
}

void pages_stop(struct pages *pages)
{
	snapshot_release(&pages->aged);
	snapshot_release(&pages->waiting);
}

static int say(struct answer *answer, unsigned int status, const char *text)
{
	answer->status = status;
	answer->type = plain;
	answer->body = strdup(text);
	if (!answer->body)
		return -ENOMEM;
	answer->length = strlen(text);
	return 0;
}

static int answer_metrics(struct pages *pages, bool trusted, struct answer *answer)
{
	struct snapshot now;
	FILE *stream;
	int r = 0;

	if (snapshot_take(pages->source, &now) < 0) {
		snapshot_release(&now);
		return say(answer, STATUS_UNAVAILABLE,
			   "the maps cannot be read: see hb-read status\n");
	}
	answer->status = STATUS_OK;
	answer->type = METRICS_CONTENT_TYPE;
	stream = open_memstream(&answer->body, &answer->length);
	if (stream)
		metrics_write(stream, &now, trusted ? NULL : &pages->aged);
	if (!stream || fclose(stream) != 0) {
		free(answer->body);
		answer->body = NULL;
		r = -ENOMEM;
	}
	snapshot_release(&now);
	return r;
}

int pages_answer(struct pages *pages, bool trusted, const char *method, const char *path,
		 struct answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	if (strcmp(path, "/metrics") != 0)
		return say(answer, STATUS_NOT_FOUND, "not found: there is /metrics\n");
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		answer->allow = methods;
		return say(answer, STATUS_METHOD_NOT_ALLOWED,
			   "only GET and HEAD are answered here\n");
	}
	return answer_metrics(pages, trusted, answer);
}

int pages_refuse_body(struct answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	return say(answer, STATUS_CONTENT_TOO_LARGE, "requests with a body are not taken\n");
}
