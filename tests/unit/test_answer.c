// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the HTTP server answers, as far as no map is needed: reader/http/answer.c, reader/http/health.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "bpf/lib/log.h"
#include "reader/http/answer.h"
#include "reader/http/health.h"
#include "tests/unit/suites.h"

static const struct {
	const char *method;
	const char *path;
	unsigned int status;
} refused[] = {
	{"GET", "/metrics/", 404},   {"GET", "", 400},
	{"GET", "//", 404},	     {"GET", "/metric", 404},
	{"GET", "/../metrics", 404}, {"GET", "/METRICS", 404},
	{"POST", "/nowhere", 404},   {"POST", "/metrics", 405},
	{"PUT", "/metrics", 405},    {"DELETE", "/activity", 405},
	{"TRACE", "/healthz", 405},  {"get", "/metrics", 405},
	{"OPTIONS", "/", 405},	     {"OPTIONS", "*", 405},
	{"GET", "*", 400},	     {"CONNECT", "host:80", 400},
	{"GET", "metrics", 400},     {"GET", "/metrics%00", 404},
};

static const struct asker askers[] = {{.access = ACCESS_ANYBODY}, {.access = ACCESS_MEMBER}};

START_TEST(test_refused)
{
	/* For these no map is read. */
	static struct public_state state;
	const struct request request = {.method = refused[_i].method, .path = refused[_i].path};
	struct answer answer;

	ck_assert_int_eq(answer_make(&state, &askers[_i % 2], &request, &answer), 0);
	ck_assert_uint_eq(answer.status, refused[_i].status);
	ck_assert_str_eq(answer.type, "text/plain; charset=utf-8");
	if (answer.status == 405)
		ck_assert_str_eq(answer.allow, "GET, HEAD");
	else
		ck_assert_ptr_null(answer.allow);
	ck_assert_str_eq(answer.nonce, "");
	ck_assert_uint_eq(answer.length, strlen(answer.body));
	ck_assert_uint_gt(answer.length, 0);
	free(answer.body);
}
END_TEST

START_TEST(test_refuse)
{
	struct answer answer;

	ck_assert_int_eq(answer_refuse(&answer, NULL), 0);
	ck_assert_uint_eq(answer.status, 413);
	ck_assert_ptr_null(answer.allow);
	free(answer.body);
	ck_assert_int_eq(answer_refuse(&answer, "two hosts\n"), 0);
	ck_assert_uint_eq(answer.status, 400);
	ck_assert_str_eq(answer.body, "two hosts\n");
	free(answer.body);
}
END_TEST

/* Of /activity: each is refused before a map is read. */
static const struct {
	size_t count;
	const char *name;
	const char *value;
} bad_queries[] = {
	{1, "cgroup", ""},	   {1, "cgroup", "relative"},
	{1, "cgroup", "/a/../b"},  {1, "cgroup", "/a//b"},
	{1, "container", "short"}, {1, "container", "0123456789AB"},
	{1, "pid", "0"},	   {1, "pid", "-1"},
	{1, "pid", "1x"},	   {1, "pid", "99999999999999"},
	{1, "user", "root"},	   {1, "", ""},
	{2, "pid", "1"},	   {5, "pid", "1"},
	{1, "idle", "0"},	   {1, "idle", "x"},
	{2, "idle", "60"},	   {1, "idle", "367d"},
};

START_TEST(test_bad_query)
{
	static struct public_state state;
	struct request request = {.method = "GET", .path = "/activity"};
	struct answer answer;

	request.count = bad_queries[_i].count;
	for (size_t i = 0; i < request.count && i < ANSWER_ARGUMENTS_MAX; i++) {
		request.arguments[i].name = bad_queries[_i].name;
		request.arguments[i].value = bad_queries[_i].value;
	}
	ck_assert_int_eq(answer_make(&state, &askers[0], &request, &answer), 0);
	ck_assert_uint_eq(answer.status, 400);
	ck_assert_str_eq(answer.type, "application/json");
	ck_assert_ptr_nonnull(strstr(answer.body, "\"error\":\""));
	/* The name is sent back if it is unknown, and the value never is. */
	ck_assert(!strstr(answer.body, "unknown parameter \\\"user\\\"") ==
		  (strcmp(bad_queries[_i].name, "user") != 0));
	ck_assert_ptr_null(strstr(answer.body, "relative"));
	ck_assert_ptr_null(strstr(answer.body, "root"));
	free(answer.body);
}
END_TEST

/* Nothing but two paths, and no answer without knowing for whom. */
static const struct {
	const char *method;
	const char *path;
	unsigned int status;
} refused_to_self[] = {
	{"GET", "/", 403},	   {"GET", "/metrics", 403}, {"GET", "/nothing", 404},
	{"GET", "/activity", 503}, {"GET", "/healthz", 503}, {"POST", "/activity", 405},
};

START_TEST(test_refused_to_self)
{
	static struct public_state state;
	static struct self self;
	const struct asker asker = {.access = ACCESS_SELF, .self = &self};
	const struct request request = {
		.method = refused_to_self[_i].method,
		.path = refused_to_self[_i].path,
	};
	struct answer answer;

	ck_assert_int_eq(answer_make(&state, &asker, &request, &answer), 0);
	ck_assert_uint_eq(answer.status, refused_to_self[_i].status);
	if (answer.status == 503)
		ck_assert_ptr_nonnull(strstr(answer.body, "\"error\":\"nobody knows who asks"));
	else
		ck_assert_ptr_null(strstr(answer.body, "/metrics"));
	free(answer.body);
}
END_TEST

static const struct {
	const char *name;
	const char *value;
	const char *error;
} private_queries[] = {
	{"pid", "1", "per-process data is served on the unix socket only"},
	{"cgroup", "/user.slice/user-1000.slice",
	 "per-user data is served on the unix socket only"},
};

/* Refused before anything is looked up: whether there is such a process or user is private too. */
START_TEST(test_private_query)
{
	static struct public_state state;
	const struct request request = {
		.method = "GET",
		.path = "/activity",
		.count = 1,
		.arguments = {{private_queries[_i].name, private_queries[_i].value}},
	};
	struct answer answer;

	ck_assert_int_eq(answer_make(&state, &askers[0], &request, &answer), 0);
	ck_assert_uint_eq(answer.status, 403);
	ck_assert_str_eq(answer.type, "application/json");
	ck_assert_ptr_nonnull(strstr(answer.body, private_queries[_i].error));
	free(answer.body);
}
END_TEST

/* Each is refused before a map is read; Prometheus, which knows this machine by another name, is not. */
static const struct {
	const char *path;
	bool trusted;
	struct request request;
} other_sites[] = {
	{"/", false, {.other_host = true}},
	{"/activity", false, {.other_host = true}},
	{"/healthz", false, {.other_host = true}},
	{"/", true, {.other_host = true, .by_browser = true}},
	{"/metrics", false, {.other_host = true, .by_browser = true}},
	{"/metrics", true, {.other_host = true, .by_browser = true}},
	{"/metrics", false, {.other_origin = true}},
	{"/activity", true, {.other_origin = true}},
};

START_TEST(test_other_site)
{
	static struct public_state state;
	struct request request = other_sites[_i].request;
	struct answer answer;

	request.method = "GET";
	request.path = other_sites[_i].path;
	ck_assert_int_eq(answer_make(&state, &askers[other_sites[_i].trusted], &request, &answer),
			 0);
	ck_assert_uint_eq(answer.status, 403);
	ck_assert_ptr_nonnull(strstr(answer.body, "use this machine's address"));
	free(answer.body);
}
END_TEST

static const struct {
	uint64_t key; /* boot time in ms */
	const char *blind;
	const char *text;
} healths[] = {
	{5005678, NULL, "{\"status\":\"alive\",\"lastHeartbeat\":1700005005678}\n"},
	{0, NULL, "{\"status\":\"alive\",\"lastHeartbeat\":0}\n"},
	{5005000, "a \"hook\"",
	 "{\"status\":\"expired\",\"lastHeartbeat\":1700005005000,\"reason\":\"a \\\"hook\\\"\"}\n"},
	{0, "nothing is loaded",
	 "{\"status\":\"expired\",\"lastHeartbeat\":0,\"reason\":\"nothing is loaded\"}\n"},
};

START_TEST(test_health)
{
	struct snapshot_process process = {
		.pid = 1,
		.record = {.command = "vim",
			   .last_beat = 9000000000,
			   .last_key = healths[_i].key * 1000000},
	};
	const struct snapshot snapshot = {
		.offset_ns = 1700000000000000123,
		.processes = &process,
		.process_count = 1,
	};
	char text[512];
	FILE *stream = fmemopen(text, sizeof(text), "w");
	bool alive;

	alive = health_write(stream, healths[_i].key || !healths[_i].blind ? &snapshot : NULL,
			     healths[_i].blind);
	fclose(stream);
	ck_assert(alive == !healths[_i].blind);
	ck_assert_str_eq(text, healths[_i].text);
}
END_TEST

Suite *answer_suite(void)
{
	Suite *suite = suite_create("answer");
	TCase *tcase = tcase_create("answer");

	tcase_add_loop_test(tcase, test_refused, 0, (int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_test(tcase, test_refuse);
	tcase_add_loop_test(tcase, test_bad_query, 0,
			    (int)(sizeof(bad_queries) / sizeof(bad_queries[0])));
	tcase_add_loop_test(tcase, test_refused_to_self, 0,
			    (int)(sizeof(refused_to_self) / sizeof(refused_to_self[0])));
	tcase_add_loop_test(tcase, test_private_query, 0,
			    (int)(sizeof(private_queries) / sizeof(private_queries[0])));
	tcase_add_loop_test(tcase, test_other_site, 0,
			    (int)(sizeof(other_sites) / sizeof(other_sites[0])));
	tcase_add_loop_test(tcase, test_health, 0, (int)(sizeof(healths) / sizeof(healths[0])));
	suite_add_tcase(suite, tcase);
	return suite;
}
