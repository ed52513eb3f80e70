// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that were probably meant: loader/similar.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "loader/similar.h"
#include "tests/unit/suites.h"

static const char *const programs[] = {
	"bin/python3", "bin/python3.11", "bin/python3.11-config", "usr/python3.11",
	"usr/lua5.4",  "bin/fish",	 "bin/node18x",
};
static char home[32];
static char dirs[96];

static const char *in_home(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", home, name);
	return path;
}

static void setup(void)
{
	strcpy(home, "/tmp/hb-similar-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(home));
	ck_assert_int_eq(mkdir(in_home("bin"), 0755), 0);
	ck_assert_int_eq(mkdir(in_home("usr"), 0755), 0);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		fclose(fopen(in_home(programs[i]), "w"));
	snprintf(dirs, sizeof(dirs), "%s/bin,%s/none,%s/usr", home, home, home);
}

static void teardown(void)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		unlink(in_home(programs[i]));
	rmdir(in_home("bin"));
	rmdir(in_home("usr"));
	rmdir(home);
}

static const struct {
	const char *name;
	const char *found;
} cases[] = {
	{"python", "python3,python3.11"},
	{"python3.12", "python3,python3.11"},
	{"python2", "python3,python3.11"},
	{"lua", "lua5.4"},
	/* It is there. */
	{"python3", ""},
	{"python3.11", ""},
	/* Others are other programs. */
	{"pytho", ""},
	{"python-", ""},
	{"node", ""},
	{"fish2", "fish"},
	{"joe", ""},
	{"*", ""},
	{"py*", ""},
	{"{fish,x}2", ""},
	{"11", ""},
};

START_TEST(test_similar)
{
	char found[SIMILAR_LEN];

	ck_assert(similar_find(cases[_i].name, dirs, found) == (cases[_i].found[0] != '\0'));
	if (cases[_i].found[0] != '\0')
		ck_assert_str_eq(found, cases[_i].found);
}
END_TEST

Suite *similar_suite(void)
{
	Suite *suite = suite_create("similar");
	TCase *tcase = tcase_create("similar");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_similar, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	suite_add_tcase(suite, tcase);
	return suite;
}
