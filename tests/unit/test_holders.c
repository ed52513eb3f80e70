// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The holders of reader slots: reader/maps/holders.c */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "reader/maps/holders.h"
#include "tests/unit/suites.h"

START_TEST(test_holder)
{
	/* Not /tmp: some file systems show another device number there than the lock has. */
	char dir[] = "/dev/shm/hb-holder-XXXXXX";
	char command[HB_COMM_LEN];
	char expected[HB_COMM_LEN];
	char readers[64];
	char slot[64];
	uint32_t pid = 0;
	FILE *file;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(readers, sizeof(readers), "%s/readers", dir);
	snprintf(slot, sizeof(slot), "%s/readers/2", dir);
	ck_assert_int_eq(mkdir(readers, 0700), 0);
	ck_assert_int_eq(mkdir(slot, 0700), 0);
	fd = open(slot, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	file = fopen("/proc/self/comm", "re");
	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(expected, sizeof(expected), file));
	expected[strcspn(expected, "\n")] = '\0';
	fclose(file);

	ck_assert_int_eq(holders_find(dir, 2, &pid, command), -ENOENT);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	ck_assert_int_eq(holders_find(dir, 2, &pid, command), 0);
	ck_assert_uint_eq(pid, (uint32_t)getpid());
	ck_assert_str_eq(command, expected);
	ck_assert_int_eq(holders_find(dir, 3, &pid, command), -ENOENT);
	close(fd);
	ck_assert_int_eq(holders_find(dir, 2, &pid, command), -ENOENT);

	rmdir(slot);
	rmdir(readers);
	rmdir(dir);
}
END_TEST

Suite *holders_suite(void)
{
	Suite *suite = suite_create("holders");
	TCase *tcase = tcase_create("holders");

	tcase_add_test(tcase, test_holder);
	suite_add_tcase(suite, tcase);
	return suite;
}
