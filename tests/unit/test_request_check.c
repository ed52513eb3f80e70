// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is checked in each HTTP request: reader/http/request_check.c */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "reader/http/request_check.h"
#include "tests/unit/suites.h"

static const struct {
	const char *version;
	const char *fields[4][2];
	const char *fault; /* a part of it; NULL: none */
	bool body;
} requests[] = {
	{"HTTP/1.1", {{"Host", "localhost:9090"}}, NULL, false},
	{"HTTP/1.1", {{"host", "[::1]:9090"}}, NULL, false},
	{"HTTP/1.1", {{"HOST", ""}}, NULL, false},
	{"HTTP/1.1", {{"Host", NULL}}, NULL, false},
	{"HTTP/1.0", {{NULL}}, NULL, false},
	{"HTTP/1.0", {{"Host", "a"}}, NULL, false},
	{"HTTP/1.1", {{NULL}}, "needs a Host", false},
	{"HTTP/1.2", {{NULL}}, "needs a Host", false},
	/* Not a field of that name: the line before was folded, or the name has a blank. */
	{"HTTP/1.1", {{"Host ", "a"}}, "needs a Host", false},
	{"HTTP/1.1", {{"X", "y Host: a"}}, "needs a Host", false},
	{"HTTP/1.1", {{"Host", "a"}, {"Host", "a"}}, "only one Host", false},
	{"HTTP/1.0", {{"Host", "a"}, {"X", ""}, {"hOST", "b"}}, "only one Host", false},
	{"HTTP/1.1", {{"Host", "a, b"}}, "malformed", false},
	{"HTTP/1.1", {{"Host", "a/b"}}, "malformed", false},
	{"HTTP/1.1", {{"Host", "user@a"}}, "malformed", false},
	{"HTTP/1.1", {{"Host", "a\x01"}}, "malformed", false},
	{"HTTP/1.1", {{"Host", "a"}, {"Content-Length", "0"}}, NULL, false},
	{"HTTP/1.1", {{"Host", "a"}, {"content-length", "5"}}, NULL, true},
	{"HTTP/1.1", {{"Host", "a"}, {"Content-Length", "0"}, {"Content-Length", "5"}}, NULL, true},
	{"HTTP/1.1", {{"Host", "a"}, {"Content-Length", "0, 5"}}, NULL, true},
	{"HTTP/1.1", {{"Host", "a"}, {"Transfer-Encoding", "identity"}}, NULL, true},
};

START_TEST(test_fields)
{
	struct request_fields fields = {0};
	const char *fault;

	for (size_t i = 0; i < 4 && requests[_i].fields[i][0]; i++)
		request_add_field(&fields, requests[_i].fields[i][0], requests[_i].fields[i][1]);
	fault = request_find_fault(&fields, requests[_i].version);
	if (requests[_i].fault)
		ck_assert_msg(fault && strstr(fault, requests[_i].fault), "%s",
			      fault ? fault : "(none)");
	else
		ck_assert_ptr_null(fault);
	ck_assert(fields.body == requests[_i].body);
}
END_TEST

START_TEST(test_accept_is_a_list)
{
	struct request_fields fields = {0};

	request_add_field(&fields, "Accept", "text/plain;q=0.5");
	request_add_field(&fields, "Accept-Encoding", "application/openmetrics-text;q=0");
	request_add_field(&fields, "accept", "application/openmetrics-text");
	ck_assert(negotiate_openmetrics(&fields.accept));
}
END_TEST

static const struct {
	const char *host; /* NULL: none */
	bool ours;
} hosts[] = {
	{NULL, true},
	{"", true},
	{"127.0.0.1", true},
	{"127.0.0.1:9090", true},
	{"192.0.2.7:80", true},
	{"[::1]", true},
	{"[2001:db8::7]:9090", true},
	{"localhost", true},
	{"LocalHost:9090", true},
	{"heartbeat.localhost:9090", true},
	{"node1", true},
	{"NODE1:9090", true},
	{"node1.attacker.example", false},
	{"attacker.example:9090", false},
	{"127.0.0.1.attacker.example", false},
	{"localhost.attacker.example", false},
	{"notlocalhost", false},
	{"[::1", false},
	{"[::1]x", false},
	{"[127.0.0.1]", false},
	{"::1", false},
	{":9090", false},
	/* Browsers write them as four decimal numbers. */
	{"2130706433", false},
	{"0x7f.1", false},
};

START_TEST(test_hosts)
{
	struct request_fields fields = {0};

	if (hosts[_i].host)
		request_add_field(&fields, "Host", hosts[_i].host);
	ck_assert_int_eq(request_is_for(&fields, "node1"), hosts[_i].ours);
	/* A machine whose name is not known. */
	if (hosts[_i].host && hosts[_i].host[0] != 'n' && hosts[_i].host[0] != 'N')
		ck_assert_int_eq(request_is_for(&fields, ""), hosts[_i].ours);
}
END_TEST

START_TEST(test_long_host)
{
	struct request_fields fields = {0};
	char host[1024] = "";

	memset(host, 'a', sizeof(host) - 1);
	request_add_field(&fields, "Host", host);
	ck_assert(!request_is_for(&fields, "node1"));
}
END_TEST

static const struct {
	const char *origin; /* NULL: none */
	const char *host;
	bool other;
} origins[] = {
	{NULL, "127.0.0.1:9090", false},
	{"http://127.0.0.1:9090", "127.0.0.1:9090", false},
	{"HTTP://LOCALHOST:9090", "localhost:9090", false},
	{"http://127.0.0.1:8080", "127.0.0.1:9090", true},
	{"https://127.0.0.1:9090", "127.0.0.1:9090", true},
	{"http://attacker.example", "127.0.0.1:9090", true},
	{"null", "127.0.0.1:9090", true},
	{"", "127.0.0.1:9090", true},
	{"http://a", NULL, true},
};

START_TEST(test_origins)
{
	struct request_fields fields = {0};

	if (origins[_i].host)
		request_add_field(&fields, "host", origins[_i].host);
	if (origins[_i].origin)
		request_add_field(&fields, "origin", origins[_i].origin);
	ck_assert_int_eq(request_is_from_other_site(&fields), origins[_i].other);
}
END_TEST

START_TEST(test_browsers)
{
	struct request_fields fields = {0};

	request_add_field(&fields, "User-Agent", "Prometheus/2.42.0");
	request_add_field(&fields, "Accept", "application/openmetrics-text");
	ck_assert(!fields.browser);
	/* A page may change it, but it cannot leave it out. */
	request_add_field(&fields, "accept-language", "");
	ck_assert(fields.browser);
}
END_TEST

START_TEST(test_clean_targets)
{
	ck_assert(request_target_is_clean("/a?b=%00&c=\xff"));
	ck_assert(request_target_is_clean(""));
	ck_assert(!request_target_is_clean("/a b"));
	ck_assert(!request_target_is_clean("/a "));
	ck_assert(!request_target_is_clean("/a\t"));
	ck_assert(!request_target_is_clean("/a\x7f"));
}
END_TEST

static const struct {
	const char *encoded;
	const char *decoded;
} texts[] = {
	{"", ""},
	{"/a", "/a"},
	{"/a%2Fb%2fc", "/a/b/c"},
	{"%41%7a", "Az"},
	{"bad%FF%fe", "bad\xff\xfe"},
	/* Decoded once. */
	{"%2541", "%41"},
	{"%25%34%31", "%41"},
	/* A NUL stays, so that nothing behind it is lost. */
	{"/a%00x", "/a%00x"},
	{"%00", "%00"},
	{"%01%0a", "\x01\n"},
	/* Not an encoding. */
	{"%", "%"},
	{"%4", "%4"},
	{"%%41", "%A"},
	{"%g1%1g", "%g1%1g"},
};

START_TEST(test_decode)
{
	char text[32];

	strcpy(text, texts[_i].encoded);
	ck_assert_uint_eq(request_decode(text), strlen(texts[_i].decoded));
	ck_assert_str_eq(text, texts[_i].decoded);
}
END_TEST

static const struct {
	const char *target;
	const char *path; /* NULL: malformed */
} targets[] = {
	{"/", "/"},
	{"/metrics", "/metrics"},
	{"//metrics", "//metrics"},
	{"/http://a/b", "/http://a/b"},
	{"*", "*"},
	{"", ""},
	{"http://127.0.0.1:9090/metrics", "/metrics"},
	{"HTTP://[::1]:9090/activity", "/activity"},
	{"http://a", "/"},
	{"http://a/", "/"},
	{"http://a//", "//"},
	{"http://", NULL},
	{"http:///metrics", NULL},
	/* Not ours to serve. */
	{"https://a/metrics", "https://a/metrics"},
	{"a:80", "a:80"},
};

START_TEST(test_path)
{
	const char *path = request_path(targets[_i].target);

	if (targets[_i].path)
		ck_assert_str_eq(path, targets[_i].path);
	else
		ck_assert_ptr_null(path);
}
END_TEST

Suite *request_check_suite(void)
{
	Suite *suite = suite_create("request_check");
	TCase *tcase = tcase_create("request_check");

	tcase_add_loop_test(tcase, test_fields, 0, (int)(sizeof(requests) / sizeof(requests[0])));
	tcase_add_test(tcase, test_accept_is_a_list);
	tcase_add_loop_test(tcase, test_hosts, 0, (int)(sizeof(hosts) / sizeof(hosts[0])));
	tcase_add_test(tcase, test_long_host);
	tcase_add_loop_test(tcase, test_origins, 0, (int)(sizeof(origins) / sizeof(origins[0])));
	tcase_add_test(tcase, test_browsers);
	tcase_add_test(tcase, test_clean_targets);
	tcase_add_loop_test(tcase, test_decode, 0, (int)(sizeof(texts) / sizeof(texts[0])));
	tcase_add_loop_test(tcase, test_path, 0, (int)(sizeof(targets) / sizeof(targets[0])));
	suite_add_tcase(suite, tcase);
	return suite;
}
