// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "reader/activity/activity_json.h"
#include "reader/http/answer.h"
#include "reader/http/health.h"
#include "reader/http/metrics.h"
#include "reader/maps/cgroup_names.h"
#include "reader/page/page.h"
#include "reader/text/json_writer.h"

static const char plain[] = "text/plain; charset=utf-8";
static const char html[] = "text/html; charset=utf-8";
static const char json[] = "application/json";
static const char methods[] = "GET, HEAD";
static const char malformed[] = "the request target is malformed: give a path\n";

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

/* One request while it is being answered. */
struct work {
	struct public_state *state;
	const struct asker *asker;
	const struct request *request;
	struct report fresh;	     /* for a client that may not see the public report alone */
	const struct report *report; /* that the answer is made from */
	FILE *stream;		     /* of the body */
	uint64_t limit;		     /* of idle time, to be judged by, or 0 */
	const char *fault;	     /* for answer_refuse() */
	struct answer *answer;
};

static int answer_text(struct work *work, unsigned int status, const char *text)
{
	work->answer->status = status;
	work->answer->type = plain;
	return fputs(text, work->stream) < 0 ? -ENOMEM : 0;
}

static int answer_error(struct work *work, unsigned int status, const char *why)
{
	work->answer->status = status;
	work->answer->type = json;
	json_error(work->stream, why);
	return 0;
}

static int answer_unavailable(struct work *work)
{
	return answer_text(work, STATUS_UNAVAILABLE,
			   "the maps cannot be read: see hb-read status\n");
}

/* Choose the report that this client may see. Of a fresh one only the snapshot is taken. */
static int choose_snapshot(struct work *work)
{
	if (work->report)
		return 0;
	if (work->asker->access == ACCESS_ANYBODY) {
		work->report = &work->state->report;
		return 0;
	}
	work->report = &work->fresh;
	work->fresh.node = work->state->source.node;
	return snapshot_take(work->state->source.source, &work->fresh.snapshot);
}

/* The same with a whole report, and the number of watched processes at present. */
static int choose_report(struct work *work, uint32_t *considered)
{
	int r;

	if (work->asker->access == ACCESS_ANYBODY) {
		work->report = &work->state->report;
		return public_considered(work->state, considered);
	}
	work->report = &work->fresh;
	r = report_take(&work->state->source, &work->fresh);
	*considered = work->fresh.snapshot.considered;
	return r;
}

static const char *blind(struct work *work)
{
	return probe_run(work->state->probe, work->state->source.source);
}

static int answer_metrics(struct work *work)
{
	enum metrics_format format =
		negotiate_openmetrics(&work->request->accept) ? METRICS_OPENMETRICS : METRICS_TEXT;
	struct metrics_now now;

	if (choose_report(work, &now.considered) < 0)
		return answer_unavailable(work);
	now.blind = blind(work);
	now.unix_ns = clock_boot_ns() + clock_offset_ns();
	work->answer->type = metrics_content_type(format);
	work->answer->varies = true;
	return metrics_write(work->stream, format, &now, work->report);
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
	const struct public_state *state = work->state;
	struct page page = {
		.node = state->source.node,
		.nonce = work->answer->nonce,
		.now = clock_boot_ns(),
		.history = work->asker->access == ACCESS_MEMBER ? state->history
								: state->report_history,
	};

	if (choose_report(work, &page.considered) < 0 || make_nonce(work->answer->nonce) < 0)
		return answer_unavailable(work);
	page.report = work->report;
	page.blind = blind(work);
	work->answer->type = html;
	return page_write(work->stream, &page);
}

static int answer_health(struct work *work)
{
	const char *reason = blind(work);
	const struct snapshot *snapshot =
		choose_snapshot(work) < 0 ? NULL : &work->report->snapshot;

	if (!snapshot && !reason)
		reason = "the maps cannot be read";
	work->answer->type = json;
	if (!health_write(work->stream, snapshot, reason))
		work->answer->status = STATUS_UNAVAILABLE;
	return 0;
}

static int read_limit(struct work *work, const char *text)
{
	if (work->limit)
		return -EINVAL;
	return activity_query_limit(text, &work->limit);
}

/*
 * Returns 0; -EINVAL; or -ENOENT and the name of a parameter that is @unknown.
 * @query: NULL: there is nothing to select
 */
static int read_query(struct work *work, struct activity_query *query, const char **unknown)
{
	const struct request *request = work->request;
	int r = request->count > ANSWER_ARGUMENTS_MAX ? -EINVAL : 0;

	for (size_t i = 0; r == 0 && i < request->count; i++) {
		const char *value = request->arguments[i].value;

		*unknown = request->arguments[i].name;
		if (strcmp(*unknown, "idle") == 0)
			r = read_limit(work, value);
		else
			r = query ? activity_query_add(query, *unknown, value) : -ENOENT;
	}
	return r;
}

static int answer_unknown(struct work *work, const char *name)
{
	char why[192];

	snprintf(
		why, sizeof(why),
		"unknown parameter \"%.32s\": select with cgroup=, container=, pod= or pid=, and judge with idle=",
		name);
	return answer_error(work, STATUS_BAD_REQUEST, why);
}

/* A report that anybody may see has nothing about single processes and users. */
static const char *find_refusal(const struct activity_query *query)
{
	if (query->by == ACTIVITY_PID)
		return "per-process data is served on the unix socket only";
	if (query->by == ACTIVITY_CGROUP && cgroup_names_user(query->name))
		return "per-user data is served on the unix socket only";
	return NULL;
}

static int write_activity(struct work *work, struct activity_query *query)
{
	int r;

	if (choose_snapshot(work) < 0)
		return answer_unavailable(work);
	work->answer->type = json;
	r = activity_json_write(work->stream, work->report, query, work->limit);
	if (r == -ENOENT)
		work->answer->status = STATUS_NOT_FOUND;
	else if (r == -EOPNOTSUPP)
		work->answer->status = STATUS_NOT_IMPLEMENTED;
	else
		return r;
	return 0;
}

/* The report holds nothing but the client's workspace, so that is its root. */
static int answer_own_activity(struct work *work)
{
	struct activity_query query = {.by = ACTIVITY_CGROUP, .name = "/"};
	const char *unknown = NULL;

	if (read_query(work, NULL, &unknown) < 0)
		return answer_error(
			work, STATUS_BAD_REQUEST,
			"give nothing but idle=TIME, such as idle=30m: this socket answers about your own workspace");
	query.blind = blind(work);
	return write_activity(work, &query);
}

static int answer_activity(struct work *work)
{
	struct activity_query query = {.by = ACTIVITY_NODE};
	const char *unknown = NULL;
	const char *refusal;
	int r;

	if (work->asker->access == ACCESS_SELF)
		return answer_own_activity(work);
	r = read_query(work, &query, &unknown);
	if (r == -ENOENT)
		return answer_unknown(work, unknown);
	if (r < 0)
		return answer_error(
			work, STATUS_BAD_REQUEST,
			"select with one of cgroup=/PATH (as reported: %25 for a percent sign), container=ID (12 to 64 hexadecimal digits, perhaps after containerd://, or an ECS id), pod=UID and pid=PID; TIME is a number of seconds, or has a unit, as in idle=30m");
	refusal = work->asker->access == ACCESS_ANYBODY ? find_refusal(&query) : NULL;
	if (refusal)
		return answer_error(work, STATUS_FORBIDDEN, refusal);
	query.blind = blind(work);
	return write_activity(work, &query);
}

struct route {
	const char *path;
	int (*answer)(struct work *work);
	bool for_any_host; /* Prometheus may know this machine by any name */
	bool for_self;
};

/*
 * A page of another site can make a browser ask this machine by a name of that site (DNS rebinding).
 * Then it may read the answer: to the browser, that is the same site.
 */
static bool is_from_other_site(const struct work *work, const struct route *route)
{
	const struct request *request = work->request;

	if (request->other_origin)
		return true;
	return request->other_host &&
	       (request->by_browser ||
		(work->asker->access == ACCESS_ANYBODY && !route->for_any_host));
}

/* Answer a workspace about itself, if it is one. */
static int answer_self(struct work *work, const struct route *route)
{
	const struct asker *asker = work->asker;
	const char *why = NULL;
	unsigned int status;

	if (!route->for_self)
		return answer_error(work, STATUS_FORBIDDEN,
				    "this socket serves /activity and /healthz only");
	status = self_report(asker->self, asker->cgroup_id, &work->fresh, &why);
	if (why)
		return answer_error(work, status, why);
	work->report = &work->fresh;
	return route->answer(work);
}

static int answer_get(struct work *work)
{
	static const struct route routes[] = {
		{"/", answer_page, .for_any_host = false, .for_self = false},
		{"/metrics", answer_metrics, .for_any_host = true, .for_self = false},
		{"/healthz", answer_health, .for_any_host = false, .for_self = true},
		{"/activity", answer_activity, .for_any_host = false, .for_self = true},
	};
	const char *method = work->request->method;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(work->request->path, routes[i].path) != 0)
			continue;
		if (is_from_other_site(work, &routes[i]))
			return answer_text(
				work, STATUS_FORBIDDEN,
				"the URL names another host: use this machine's address, its host name or localhost\n");
		if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
			return work->asker->access == ACCESS_SELF ? answer_self(work, &routes[i])
								  : routes[i].answer(work);
		work->answer->allow = methods;
		return answer_text(work, STATUS_METHOD_NOT_ALLOWED,
				   "only GET and HEAD are supported here\n");
	}
	if (strcmp(work->request->path, "*") == 0 && strcmp(method, "OPTIONS") == 0) {
		work->answer->allow = methods;
		return answer_text(work, STATUS_METHOD_NOT_ALLOWED,
				   "only GET and HEAD are supported\n");
	}
	if (work->request->path[0] != '/')
		return answer_text(work, STATUS_BAD_REQUEST, malformed);
	return answer_text(work, STATUS_NOT_FOUND,
			   work->asker->access == ACCESS_SELF
				   ? "not found: there are /activity and /healthz\n"
				   : "not found: there are /, /metrics, /activity and /healthz\n");
}

static int answer_refusal(struct work *work)
{
	if (work->fault)
		return answer_text(work, STATUS_BAD_REQUEST, work->fault);
	return answer_text(work, STATUS_CONTENT_TOO_LARGE, "requests with a body are refused\n");
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

int answer_make(struct public_state *state, const struct asker *asker,
		const struct request *request, struct answer *answer)
{
	struct work work = {
		.state = state,
		.asker = asker,
		.request = request,
		.answer = answer,
	};

	return write_body(&work, answer_get);
}

int answer_refuse(struct answer *answer, const char *why)
{
	struct work work = {.answer = answer, .fault = why};

	return write_body(&work, answer_refusal);
}
