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
	ck_assert_msg(negotiate_openmetrics(cases[_i].header) == cases[_i].openmetrics, "%s",
		      cases[_i].header ? cases[_i].header : "(none)");
}
END_TEST

Suite *negotiate_suite(void)
{
	Suite *suite = suite_create("negotiate");
	TCase *tcase = tcase_create("negotiate");

	tcase_add_loop_test(tcase, test_accept, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	suite_add_tcase(suite, tcase);
	return suite;
}
