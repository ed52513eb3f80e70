// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bpf/lib/duration.h"
#include "bpf/lib/log.h"
#include "bpf/lib/units.h"
#include "reader/commands/ask.h"
#include "reader/commands/idle.h"
#include "reader/commands/self.h"
#include "reader/commands/self_client.h"
#include "reader/maps/home.h"
#include "reader/text/json_find.h"
#include "reader/text/json_writer.h"
#include "reader/text/text.h"

/* The members of the server's document that are used here. */
struct self {
	const char *document;
	uint64_t limit;
	enum idle_verdict verdict;
	char kind[16];	   /* of the workspace, see home_word() */
	char because[16];  /* as in activity_json.c */
	char reason[1024]; /* why the answer is unknown */
	uint64_t since;	   /* unix time, ns */
	uint64_t idle_s;
	uint64_t
		last; /* key, or now if a busy program counts, unix time, ns; 0: there is neither */
	uint64_t busy_until; /* unix time, ns; 0: none counts */
};

static int unknown(struct self *self, const char *reason)
{
	self->verdict = IDLE_UNKNOWN;
	snprintf(self->reason, sizeof(self->reason), "%s", reason);
	return 0;
}

static int not_understood(const char *socket)
{
	return log_error(
		-EIO,
		"%s: the answer makes no sense: is it the socket of hb-read serve --listen self, of this version?",
		socket);
}

static bool parse_verdict(const char *document, enum idle_verdict *verdict)
{
	char word[16];

	if (!json_find_string(document, "verdict", word, sizeof(word)))
		return false;
	for (*verdict = IDLE_ACTIVE; *verdict <= IDLE_UNKNOWN; (*verdict)++) {
		if (strcmp(word, idle_word(*verdict)) == 0)
			return true;
	}
	return false;
}

/*
 * The server rounds times down, but tells no more idle time than there may have been: print when that
 * began. If there is a doubt it tells none.
 */
static bool parse_times(struct self *self)
{
	const char *document = self->document;
	uint64_t as_of;

	if (!json_find_number(document, "as_of_ns", &as_of) ||
	    !json_find_number(document, "since_ns", &self->since))
		return false;
	if (json_find_number(document, "idle_seconds", &self->idle_s))
		self->since = as_of - self->idle_s * NS_PER_S;
	else
		self->idle_s = as_of > self->since ? (as_of - self->since) / NS_PER_S : 0;
	return true;
}

/* What is printed as it is must not write to the terminal. */
static bool is_clean(const char *document)
{
	while ((unsigned char)*document >= ' ' && *document != 0x7f)
		document++;
	return strcmp(document, "\n") == 0;
}

static bool is_kind(const char *kind)
{
	for (enum home_kind home = HOME_USER; home <= HOME_POD; home++) {
		if (strcmp(home_word(home), kind) == 0)
			return true;
	}
	return false;
}

/* Only an answer about a workspace will do: that of another socket may be about everything. */
static bool parse(struct self *self)
{
	const char *document = self->document;
	const char *select = json_find(document, "select");

	if (!is_clean(document) || !select ||
	    !json_find_string(select, "self", self->kind, sizeof(self->kind)) ||
	    !is_kind(self->kind) || !parse_verdict(document, &self->verdict) ||
	    !json_find_string(document, "because", self->because, sizeof(self->because)) ||
	    !parse_times(self))
		return false;
	json_find_number(document, "last_activity_ns", &self->last);
	if (json_find_number(document, "busy_until_ns", &self->busy_until))
		self->last = self->since;
	if (self->verdict == IDLE_UNKNOWN)
		return json_find_string(document, "doubt", self->reason, sizeof(self->reason));
	return true;
}

static int get(const struct read_options *options, struct self *self)
{
	static struct self_answer answer;
	char target[64];
	int r;

	snprintf(target, sizeof(target), "/activity?idle=%" PRIu64 ".%09" PRIu64,
		 self->limit / NS_PER_S, self->limit % NS_PER_S);
	r = self_get(options->socket, target, &answer);
	if (r < 0)
		return r;
	self->document = answer.body;
	if (answer.status == 200)
		return parse(self) ? 0 : not_understood(options->socket);
	if (!json_find_string(answer.body, "error", self->reason, sizeof(self->reason)))
		return unknown(self, "the server has no answer: on the host, see hb-read status");
	self->verdict = IDLE_UNKNOWN;
	return 0;
}

static const char *say_because(const char *because)
{
	static const struct {
		const char *because;
		const char *clause;
	} clauses[] = {
		{"key", "the last key"},
		{"start", "a program was started at a terminal"},
		{"birth", "it was created, and nothing was seen since"},
		{"load", "hb-load ran, and nothing was seen since"},
	};

	for (size_t i = 0; i < sizeof(clauses) / sizeof(clauses[0]); i++) {
		if (strcmp(clauses[i].because, because) == 0)
			return clauses[i].clause;
	}
	return because;
}

/* `a busy program works in this container; this counts for another 5 h 48 min` */
static void print_work(const struct self *self, const char *kind, FILE *stream)
{
	uint64_t left = self->busy_until > self->since ? self->busy_until - self->since : 0;
	char duration[DURATION_LEN];

	fprintf(stream, "a busy program works in this %s; this counts for another %s\n", kind,
		duration_text(duration, left));
}

static int write_line(FILE *stream, const void *data)
{
	const struct self *self = data;
	char printable[sizeof(self->reason)];
	char time[TEXT_TIME_LEN];
	const char *kind;

	fprintf(stream, "%s: ", idle_word(self->verdict));
	if (self->verdict == IDLE_UNKNOWN) {
		text_printable(printable, sizeof(printable), self->reason, sizeof(self->reason));
		fprintf(stream, "%s\n", printable);
		return 0;
	}
	kind = strcmp(self->kind, "user") ? self->kind : "user's slice";
	if (self->busy_until != 0) {
		print_work(self, kind, stream);
		return 0;
	}
	text_time(time, self->since);
	text_printable(printable, sizeof(printable), say_because(self->because), SIZE_MAX);
	fprintf(stream, "for %" PRIu64 " s, since %s: %s, in this %s\n", self->idle_s, time,
		printable, kind);
	return 0;
}

static int write_json(FILE *stream, const void *data)
{
	const struct self *self = data;
	struct json json = {.stream = stream};

	if (self->kind[0] != '\0') {
		fputs(self->document, stream);
		return 0;
	}
	json_begin_document(&json, "error");
	json_string(&json, "error", self->reason, sizeof(self->reason));
	json_string(&json, "verdict", idle_word(self->verdict), SIZE_MAX);
	json_seconds(&json, "limit_seconds", self->limit, 3);
	json_end_document(&json);
	return 0;
}

int self_idle(const struct read_options *options)
{
	struct self self = {.limit = options->idle_limit};
	int r;

	r = ask_confine(options);
	if (r == 0)
		r = get(options, &self);
	if (r == 0)
		r = text_print("idle", options->format == FORMAT_JSON ? write_json : write_line,
			       &self);
	if (r == 0 && options->touch && self.last != 0)
		r = idle_touch(options->touch, self.last);
	return r < 0 ? r : idle_status(self.verdict);
}
