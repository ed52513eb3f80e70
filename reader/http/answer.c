// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "reader/http/negotiate.h"
#include "reader/activity/activity.h"
#include "reader/activity/activity_query.h"
#include "reader/http/answer.h"
#include "reader/http/health.h"
#include "reader/http/metrics.h"
#include "reader/page/page.h"

static const char plain[] = "text/plain; charset=utf-8";
static const char html[] = "text/html; charset=utf-8";
static const char json[] = "application/json";
static const char methods[] = "GET, HEAD";

enum {
	STATUS_OK = 200,
	STATUS_BAD_REQUEST = 400,
	STATUS_FORBIDDEN = 403,
	STATUS_NOT_FOUND = 404,
	STATUS_METHOD_NOT_ALLOWED = 405,
	STATUS_CONTENT_TOO_LARGE = 413,
	STATUS_NOT_IMPLEMENTED = 501,
	STATUS_UNAVAILABLE = 503,
};

/* One request as it is being answered. */
struct work {
	struct public *pages;
	bool trusted;
	const struct request *request;
	struct report fresh;	     /* for who is trusted */
	const struct report *report; /* that the answer is made from */
	FILE *stream;		     /* of the body */
	struct answer *answer;
};

static int answer_text(struct work *work, unsigned int status, const char *text)
{
	work->answer->status = status;
	work->answer->type = plain;
	return fputs(text, work->stream) < 0 ? -ENOMEM : 0;
}

/* What is asked for needs the maps, and they cannot be read. */
static int answer_unavailable(struct work *work)
{
	return answer_text(work, STATUS_UNAVAILABLE,
			   "the maps cannot be read: see hb-read status\n");
}

/* The report for who asks, and the number that all may know. Returns 0 or -errno, logged. */
static int look(struct work *work, uint32_t *considered)
{
	struct public *pages = work->pages;
	int r;

	if (!work->trusted) {
		work->report = &pages->aged;
		return snapshot_gauge(pages->report_source.source, considered);
	}
	r = report_take(&pages->report_source, &work->fresh);
	work->report = &work->fresh;
	*considered = work->fresh.snapshot.considered;
	return r;
}

static const char *blind(struct work *work)
{
	return probe_run(work->pages->probe, work->pages->report_source.source);
}

static int answer_metrics(struct work *work)
{
	enum metrics_format format =
		negotiate_openmetrics(work->request->accept) ? METRICS_OPENMETRICS : METRICS_TEXT;
	struct metrics_now now;

	if (look(work, &now.considered) < 0)
		return answer_unavailable(work);
	now.hooks_alive = !blind(work);
	work->answer->type = metrics_content_type(format);
	work->answer->varies = true;
	return metrics_write(work->stream, format, &now, work->report, work->trusted);
}

static int make_nonce(char nonce[ANSWER_NONCE_LEN])
{
	unsigned char random[(ANSWER_NONCE_LEN - 1) / 2];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return log_errno(-EIO, "random numbers");
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(nonce + 2 * i, 3, "%02x", random[i]);
	return 0;
}

static int answer_page(struct work *work)
{
	struct page page = {
		.node = work->pages->node,
		.nonce = work->answer->nonce,
		.now = clock_boot_ns(),
		.detailed = work->trusted,
		.history = work->pages->history,
	};

	if (look(work, &page.considered) < 0 || make_nonce(work->answer->nonce) < 0)
		return answer_unavailable(work);
	page.report = work->report;
	page.blind = blind(work);
	work->answer->type = html;
	return page_write(work->stream, &page);
}

static int answer_health(struct work *work)
{
	const struct snapshot *snapshot = &work->pages->aged.snapshot;
	const char *reason = blind(work);

	work->answer->type = json;
	if (work->trusted) {
		snapshot =
			snapshot_take(work->pages->report_source.source, &work->fresh.snapshot) < 0
				? NULL
				: &work->fresh.snapshot;
		if (!snapshot && !reason)
			reason = "the maps cannot be read";
	}
	if (!health_write(snapshot, reason, work->trusted, work->stream))
		work->answer->status = STATUS_UNAVAILABLE;
	return 0;
}

static int answer_bad_request(struct work *work, const char *why)
{
	work->answer->status = STATUS_BAD_REQUEST;
	work->answer->type = json;
	fprintf(work->stream, "{\"v\":1,\"type\":\"error\",\"error\":\"%s\"}\n", why);
	return 0;
}

static int read_query(const struct request *request, struct activity_query *query)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < request->count && i < ANSWER_ARGUMENTS_MAX; i++)
		r = activity_query_add(query, request->arguments[i].name,
				       request->arguments[i].value);
	return r;
}

static int answer_activity(struct work *work)
{
	const struct snapshot *snapshot = &work->pages->aged.snapshot;
	struct activity_query query = {.by = ACTIVITY_NODE};
	int r;

	r = read_query(work->request, &query);
	if (r == -ENOENT || work->request->count > ANSWER_ARGUMENTS_MAX)
		return answer_bad_request(work, "select by cgroup=, container= or pid= alone");
	if (r < 0)
		return answer_bad_request(
			work,
			"one of cgroup=/PATH, container=ID (12 to 64 hexadecimal digits) and pid=PID can be selected");
	if (work->trusted) {
		if (snapshot_take(work->pages->report_source.source, &work->fresh.snapshot) < 0)
			return answer_unavailable(work);
		snapshot = &work->fresh.snapshot;
	}
	query.blind = blind(work);
	work->answer->type = json;
	r = activity_write(snapshot, &query, work->trusted, work->stream);
	switch (r) {
	case -ENOENT:
		work->answer->status = STATUS_NOT_FOUND;
		return 0;
	case -EACCES:
		work->answer->status = STATUS_FORBIDDEN;
		return 0;
	case -EOPNOTSUPP:
		work->answer->status = STATUS_NOT_IMPLEMENTED;
		return 0;
	default:
		return r;
	}
}

static int answer_get(struct work *work)
{
	static const struct {
		const char *path;
		int (*answer)(struct work *work);
	} routes[] = {
		{"/", answer_page},
		{"/metrics", answer_metrics},
		{"/healthz", answer_health},
		{"/activity", answer_activity},
	};
	const char *method = work->request->method;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(work->request->path, routes[i].path) != 0)
			continue;
		if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
			return routes[i].answer(work);
		work->answer->allow = methods;
		return answer_text(work, STATUS_METHOD_NOT_ALLOWED,
				   "only GET and HEAD are answered here\n");
	}
	return answer_text(work, STATUS_NOT_FOUND,
			   "not found: there are /, /metrics, /activity and /healthz\n");
}

static int answer_refusal(struct work *work)
{
	return answer_text(work, STATUS_CONTENT_TOO_LARGE, "requests with a body are not taken\n");
}

/* Let @make write the body. */
static int write_body(struct work *work, int (*make)(struct work *work))
{
	struct answer *answer = work->answer;
	int r;

	memset(answer, 0, sizeof(*answer));
	answer->status = STATUS_OK;
	work->stream = open_memstream(&answer->body, &answer->length);
	if (!work->stream)
		return -ENOMEM;
	r = make(work);
	if (fclose(work->stream) != 0)
		r = -ENOMEM;
	report_release(&work->fresh);
	if (r < 0) {
		free(answer->body);
		answer->body = NULL;
	}
	return r;
}

int answer_make(struct public *pages, bool trusted, const struct request *request,
		struct answer *answer)
{
	struct work work = {
		.pages = pages,
		.trusted = trusted,
		.request = request,
		.answer = answer,
	};

	return write_body(&work, answer_get);
}

int answer_refuse_body(struct answer *answer)
{
	struct work work = {.answer = answer};

	return write_body(&work, answer_refusal);
}
