// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The name of the node: reader/node.c */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "reader/node.h"
#include "tests/unit/suites.h"

static char name[NODE_NAME_LEN];

START_TEST(test_order)
{
	char host[NODE_NAME_LEN] = "";

	ck_assert_int_eq(gethostname(host, sizeof(host) - 1), 0);
	ck_assert_int_eq(setenv("NODE_NAME", "variable", 1), 0);
	node_name("option", name);
	ck_assert_str_eq(name, "option");
	node_name(NULL, name);
	ck_assert_str_eq(name, "variable");
	node_name("", name);
	ck_assert_str_eq(name, "variable");
	ck_assert_int_eq(setenv("NODE_NAME", "", 1), 0);
	node_name(NULL, name);
	ck_assert_str_eq(name, host);
	ck_assert_int_eq(unsetenv("NODE_NAME"), 0);
	node_name(NULL, name);
	ck_assert_str_eq(name, host);
}
END_TEST

/* A variable that is too long is cut. */
START_TEST(test_long)
{
	char text[2 * NODE_NAME_LEN];

	memset(text, 'n', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(setenv("NODE_NAME", text, 1), 0);
	node_name(NULL, name);
	ck_assert_uint_eq(strlen(name), NODE_NAME_LEN - 1);
}
END_TEST

Suite *node_suite(void)
{
	Suite *suite = suite_create("node");
	TCase *tcase = tcase_create("node");

	tcase_add_test(tcase, test_order);
	tcase_add_test(tcase, test_long);
	suite_add_tcase(suite, tcase);
	return suite;
}
