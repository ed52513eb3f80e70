// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which form of the metrics a client gets: reader/http/negotiate.c */
#include <check.h>

#include "reader/http/negotiate.h"
#include "tests/unit/suites.h"

#define OM "application/openmetrics-text"

static const struct {
	const char *header;
	bool openmetrics;
} cases[] = {
	{NULL, false},
	{"", false},
	{"*/*", false},
	{"text/html", false},
	{OM, true},
	{OM "; version=1.0.0", true},
	{OM "; version=\"0.0.1\"", true},
	{OM "; version=2.0.0", false},
	{OM ";q=0", false},
	{OM ";q=0.5,text/plain;q=0.6", false},
	{OM ";q=0.5,text/plain;q=0.5", true},
	{OM ";q=0.5,*/*;q=0.9,text/plain;q=0.1", true},
	{OM ";q=0.5,text/*;q=0.9", false},
	{"APPLICATION/OpenMetrics-Text;Version=1.0.0", true},
	/* Prometheus 2.42 */
	{OM
	 ";version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
	 true},
	/* Malformed ranges count for nothing. */
	{OM ";q=", false},
	{OM ";q=2", false},
	{OM ";q=0.12345", false},
	{OM ";q=x,,;;=,\"", false},
	{"\"" OM, false},
	{",,,;;;===\\", false},
};

START_TEST(test_accept)
{
	struct negotiation wanted = {0};

	if (cases[_i].header)
		negotiate_add(&wanted, cases[_i].header);
	ck_assert_msg(negotiate_openmetrics(&wanted) == cases[_i].openmetrics, "%s",
		      cases[_i].header ? cases[_i].header : "(none)");
}
END_TEST

/* Several lines are one list, in any order. */
static const struct {
	const char *first;
	const char *second;
	bool openmetrics;
} lists[] = {
	{"text/plain;q=0.5", OM, true},
	{OM ";q=0.5", "text/plain;q=0.6", false},
	{OM ";q=0.5", "text/plain", false},
	{"*/*", "text/html", false},
	{"", OM, true},
	/* A quote that is not closed ends with its line. */
	{"text/plain;q=0.1;x=\"", OM, true},
};

START_TEST(test_accept_list)
{
	struct negotiation forward = {0};
	struct negotiation backward = {0};

	negotiate_add(&forward, lists[_i].first);
	negotiate_add(&forward, lists[_i].second);
	ck_assert(negotiate_openmetrics(&forward) == lists[_i].openmetrics);
	negotiate_add(&backward, lists[_i].second);
	negotiate_add(&backward, lists[_i].first);
	ck_assert(negotiate_openmetrics(&backward) == lists[_i].openmetrics);
}
END_TEST

Suite *negotiate_suite(void)
{
	Suite *suite = suite_create("negotiate");
	TCase *tcase = tcase_create("negotiate");

	tcase_add_loop_test(tcase, test_accept, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_loop_test(tcase, test_accept_list, 0, (int)(sizeof(lists) / sizeof(lists[0])));
	suite_add_tcase(suite, tcase);
	return suite;
}
