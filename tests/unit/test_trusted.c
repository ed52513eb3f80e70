// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Files that decide what our programs do: bpf/lib/trusted.c */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "bpf/lib/trusted.h"
#include "tests/unit/suites.h"

static char home[64];

/* The path of @name in the directory of the test. */
static const char *in_home(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", home, name);
	return path;
}

static void make_file(const char *name, mode_t mode)
{
	FILE *file = fopen(in_home(name), "w");

	ck_assert_ptr_nonnull(file);
	fputs("vim\n", file);
	fclose(file);
	ck_assert_int_eq(chmod(in_home(name), mode), 0);
}

static void make_link(const char *target, const char *name)
{
	ck_assert_int_eq(symlink(target, in_home(name)), 0);
}

static void setup(void)
{
	strcpy(home, "/tmp/hb-trusted-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(home));
	ck_assert_int_eq(mkdir(in_home("good"), 0755), 0);
	ck_assert_int_eq(mkdir(in_home("open"), 0755), 0);
	ck_assert_int_eq(chmod(in_home("open"), 0777), 0);
	ck_assert_int_eq(mkdir(in_home("sticky"), 0755), 0);
	ck_assert_int_eq(chmod(in_home("sticky"), 01777), 0);
	make_file("good/list", 0644);
	make_file("good/writable", 0664);
	make_file("open/list", 0644);
	make_file("sticky/list", 0600);
	make_file("good/large", 0644);
	ck_assert_int_eq(truncate(in_home("good/large"), 64 * 1024 + 1), 0);
	ck_assert_int_eq(mkfifo(in_home("good/pipe"), 0600), 0);
	make_link("list", "good/link");
	make_link("../good/link", "sticky/links");
	make_link("good", "directory");
	make_link("loop", "loop");
	/* Who can write to the directory may let the link lead elsewhere. */
	make_link("../good/list", "open/link");
	make_link("open/link", "hop");
	make_link("/dev/zero", "zero");
}

static void teardown(void)
{
	static const char *const made[] = {"good/list",	  "good/writable", "open/list",
					   "sticky/list", "good/large",	   "good/pipe",
					   "good/link",	  "sticky/links",  "directory",
					   "loop",	  "open/link",	   "hop",
					   "zero"};
	static const char *const dirs[] = {"good", "open", "sticky", "."};

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		unlink(in_home(made[i]));
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		rmdir(in_home(dirs[i]));
	rmdir(home);
}

static const struct {
	const char *name;
	int result;
	const char *reason; /* a part of it */
} cases[] = {
	{"good/list", 0, NULL},
	{"sticky/list", 0, NULL},
	{"good/link", 0, NULL},
	{"sticky/links", 0, NULL},
	{"directory/list", 0, NULL},
	{"good/../directory/../good//link", 0, NULL},
	{"good/writable", -EIO,
	 "good/writable is writable by others than root (mode 0664): chmod go-w"},
	{"open/list", -EIO, "open is writable by others than root (mode 0777)"},
	{"open/link", -EIO, "open is writable by others"},
	{"hop", -EIO, "open is writable by others"},
	{"open/../good/list", -EIO, "open is writable by others"},
	{"good", -EIO, "it is not a file"},
	{"good/pipe", -EIO, "it is not a file"},
	{"zero", -EIO, "it is not a file"},
	{"good/large", -EIO, "it has more than 65536 bytes"},
	{"good/none", -ENOENT, NULL},
	{"good/list/none", -ENOTDIR, NULL},
	{"loop", -ELOOP, NULL},
};

START_TEST(test_open)
{
	struct reason why = {0};
	char line[16] = "";
	FILE *file = NULL;

	ck_assert_int_eq(trusted_open(in_home(cases[_i].name), &file, &why), cases[_i].result);
	if (cases[_i].reason)
		ck_assert_msg(strstr(why.text, cases[_i].reason), "says: %s", why.text);
	else
		ck_assert_str_eq(why.text, "");
	if (cases[_i].result < 0)
		return;
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), file));
	ck_assert_str_eq(line, "vim\n");
	fclose(file);
}
END_TEST

/* The reason names the file, whatever it is. */
START_TEST(test_read)
{
	struct reason why = {0};
	char *text = NULL;

	ck_assert_int_eq(trusted_read(in_home("good/list"), &text, &why), 0);
	ck_assert_str_eq(text, "vim\n");
	free(text);
	ck_assert_int_eq(trusted_read(in_home("good/none"), &text, &why), -ENOENT);
	ck_assert_msg(strstr(why.text, "good/none: No such file"), "%s", why.text);
	ck_assert_int_eq(trusted_read(in_home("loop"), &text, &why), -EINVAL);
	ck_assert_msg(strstr(why.text, "loop: Too many levels"), "%s", why.text);
	ck_assert_int_eq(trusted_read(in_home("good/large"), &text, &why), -EINVAL);
	ck_assert_int_eq(truncate(in_home("good/large"), 64 * 1024), 0);
	ck_assert_int_eq(trusted_read(in_home("good/large"), &text, &why), -EINVAL);
	ck_assert_msg(strstr(why.text, "good/large contains a NUL byte"), "%s", why.text);
	/* Its size is 0. */
	ck_assert_int_eq(trusted_read("/proc/self/status", &text, &why), 0);
	ck_assert_uint_gt(strlen(text), 100);
	free(text);
	if (access("/proc/kallsyms", R_OK) < 0)
		return;
	ck_assert_int_eq(trusted_read("/proc/kallsyms", &text, &why), -EINVAL);
	ck_assert_msg(strstr(why.text, "more than 65536 bytes"), "%s", why.text);
}
END_TEST

START_TEST(test_relative)
{
	struct reason why = {0};
	FILE *file = NULL;

	ck_assert_int_eq(chdir(in_home("good")), 0);
	ck_assert_int_eq(trusted_open("list", &file, &why), 0);
	fclose(file);
	ck_assert_int_eq(trusted_open("../open/list", &file, &why), -EIO);
	ck_assert_int_eq(chdir(in_home("open")), 0);
	ck_assert_int_eq(trusted_open("list", &file, &why), -EIO);
	ck_assert_int_eq(trusted_open("", &file, &why), -ENOENT);
	ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

/* Files, links and directories that another user owns. Only root can make them. */
START_TEST(test_owner)
{
	static const char *const names[] = {"good/list", "good/link", "good"};
	struct reason why = {0};
	FILE *file = NULL;

	if (geteuid() != 0)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_int_eq(lchown(in_home(names[i]), 65534, 65534), 0);
		ck_assert_int_eq(trusted_open(in_home("good/link"), &file, &why), -EIO);
		ck_assert_msg(strstr(why.text, "belongs to user 65534, who could replace"),
			      "says: %s", why.text);
		ck_assert_int_eq(lchown(in_home(names[i]), 0, 0), 0);
	}
	ck_assert_int_eq(trusted_open(in_home("good/link"), &file, &why), 0);
	fclose(file);
}
END_TEST

START_TEST(test_long)
{
	static char path[8192];
	struct reason why = {0};
	FILE *file = NULL;

	memset(path, '/', sizeof(path) - 1);
	ck_assert_int_eq(trusted_open(path, &file, &why), -ENAMETOOLONG);
	memset(path, 'a', sizeof(path) - 1);
	ck_assert_int_eq(trusted_open(path, &file, &why), -ENAMETOOLONG);
}
END_TEST

Suite *trusted_suite(void)
{
	Suite *suite = suite_create("trusted");
	TCase *tcase = tcase_create("trusted");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_open, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(tcase, test_read);
	tcase_add_test(tcase, test_relative);
	tcase_add_test(tcase, test_owner);
	tcase_add_test(tcase, test_long);
	suite_add_tcase(suite, tcase);
	return suite;
}
