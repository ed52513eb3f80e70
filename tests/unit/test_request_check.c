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
	tcase_add_test(tcase, test_clean_targets);
	tcase_add_loop_test(tcase, test_decode, 0, (int)(sizeof(texts) / sizeof(texts[0])));
	tcase_add_loop_test(tcase, test_path, 0, (int)(sizeof(targets) / sizeof(targets[0])));
	suite_add_tcase(suite, tcase);
	return suite;
}
