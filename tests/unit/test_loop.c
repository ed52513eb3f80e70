// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The event loop: reader/loop.c */
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <check.h>

#include "reader/loop.h"
#include "tests/unit/suites.h"

enum { MS = 1000000 };

static struct loop *loop;
static int pipes[2][2];
static int sources[2];
static int calls[2];

static void set_up(void)
{
	ck_assert_int_eq(loop_new(&loop), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(pipe(pipes[i]), 0);
		ck_assert_int_eq(write(pipes[i][1], "x", 1), 1);
		calls[i] = 0;
	}
}

static void tear_down(void)
{
	loop_free(loop);
	for (int i = 0; i < 2; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}

static int stop(void *data, uint32_t events)
{
	++*(int *)data;
	ck_assert_uint_eq(events, EPOLLIN);
	loop_stop(loop);
	return 0;
}

static int refuse(void *data, uint32_t events)
{
	(void)events;
	++*(int *)data;
	return -EXDEV;
}

/* Whichever comes first removes the other, whose event of the same turn must not be seen. */
static int remove_other(void *data, uint32_t events)
{
	int me = (int)((int *)data - calls);

	(void)events;
	calls[me]++;
	loop_remove(loop, sources[1 - me]);
	/* Its place is taken at once, by what has no event. */
	ck_assert_int_eq(loop_add_timer(loop, 0, 0, refuse, &calls[1 - me]), sources[1 - me]);
	loop_remove(loop, sources[me]);
	ck_assert_int_ge(loop_add_timer(loop, 5 * MS, 0, stop, &calls[me]), 0);
	return 0;
}

START_TEST(test_source)
{
	ck_assert_int_ge(loop_add(loop, pipes[0][0], EPOLLIN, stop, &calls[0]), 0);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(calls[0], 1);
	/* It can run again. */
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(calls[0], 2);
}
END_TEST

START_TEST(test_failure_ends)
{
	ck_assert_int_ge(loop_add(loop, pipes[0][0], EPOLLIN, refuse, &calls[0]), 0);
	ck_assert_int_eq(loop_run(loop), -EXDEV);
	ck_assert_int_eq(calls[0], 1);
}
END_TEST

START_TEST(test_modify)
{
	int source = loop_add(loop, pipes[0][0], EPOLLIN, refuse, &calls[0]);

	ck_assert_int_ge(source, 0);
	ck_assert_int_eq(loop_modify(loop, source, 0), 0);
	ck_assert_int_ge(loop_add_timer(loop, MS, 0, stop, &calls[1]), 0);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(calls[0], 0);
	ck_assert_int_eq(calls[1], 1);
	ck_assert_int_eq(loop_modify(loop, source, EPOLLIN), 0);
	ck_assert_int_eq(loop_run(loop), -EXDEV);
}
END_TEST

START_TEST(test_removal_within_turn)
{
	for (int i = 0; i < 2; i++) {
		sources[i] = loop_add(loop, pipes[i][0], EPOLLIN, remove_other, &calls[i]);
		ck_assert_int_ge(sources[i], 0);
	}
	ck_assert_int_eq(loop_run(loop), 0);
	/* Once itself and once its timer; the other never. */
	ck_assert_int_eq(calls[0] + calls[1], 2);
	ck_assert_int_eq(calls[0] * calls[1], 0);
}
END_TEST

static int stop_at_third(void *data, uint32_t events)
{
	(void)events;
	if (++*(int *)data == 3)
		loop_stop(loop);
	return 0;
}

START_TEST(test_timer_repeats)
{
	ck_assert_int_ge(loop_add_timer(loop, 1, MS, stop_at_third, &calls[0]), 0);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(calls[0], 3);
}
END_TEST

START_TEST(test_timer_disarmed)
{
	int timer = loop_add_timer(loop, MS, MS, refuse, &calls[0]);

	ck_assert_int_ge(timer, 0);
	ck_assert_int_eq(loop_set_timer(loop, timer, 0, 0), 0);
	ck_assert_int_ge(loop_add_timer(loop, 5 * MS, 0, stop, &calls[1]), 0);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(calls[0], 0);
}
END_TEST

/* Regular files are always ready, and epoll_ctl(2) says so. */
START_TEST(test_file_refused)
{
	int fd = open("/proc/self/exe", O_RDONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(loop_add(loop, fd, EPOLLIN, stop, &calls[0]), -EPERM);
	close(fd);
	/* The place is free again. */
	ck_assert_int_eq(loop_add(loop, pipes[0][0], EPOLLIN, stop, &calls[0]), 0);
}
END_TEST

Suite *loop_suite(void)
{
	Suite *suite = suite_create("loop");
	TCase *tcase = tcase_create("loop");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, test_source);
	tcase_add_test(tcase, test_failure_ends);
	tcase_add_test(tcase, test_modify);
	tcase_add_test(tcase, test_removal_within_turn);
	tcase_add_test(tcase, test_timer_repeats);
	tcase_add_test(tcase, test_timer_disarmed);
	tcase_add_test(tcase, test_file_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
