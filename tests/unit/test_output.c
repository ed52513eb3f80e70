// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Writing without blocking: output.c and pending.c of reader/lines */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <check.h>

#include "reader/lines/output.h"
#include "reader/lines/pending.h"
#include "tests/unit/capture.h"
#include "tests/unit/suites.h"

static struct output output;
static char block[PIPE_BUF];
static char message[256];

static void set_up(void)
{
	signal(SIGPIPE, SIG_IGN);
	memset(block, 'x', sizeof(block));
	output = (struct output){.own = -EBADF};
}

static void tear_down(void)
{
	output_close(&output);
}

/* Write until it would have to wait. Returns the number of bytes. */
static size_t fill_up(void)
{
	size_t total = 0;
	ssize_t n;

	while ((n = output_write(&output, block, sizeof(block))) > 0)
		total += (size_t)n;
	ck_assert_int_eq(n, -EAGAIN);
	return total;
}

/* There is room in a full pipe once a whole page of it was read. */
static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static void drain(int fd, size_t length)
{
	char buffer[PIPE_BUF];

	while (length > 0) {
		ssize_t n = read(fd, buffer, length < sizeof(buffer) ? length : sizeof(buffer));

		ck_assert_int_gt(n, 0);
		length -= (size_t)n;
	}
}

START_TEST(test_pipe)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(output_open(&output, fds[1]), 0);
	ck_assert_int_eq(output.kind, OUTPUT_REOPENED);
	/* The open file that others have too is left as it was. */
	ck_assert_int_eq(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
	ck_assert_uint_ge(fill_up(), PIPE_BUF);
	drain(fds[0], page_size() - 1);
	/* All or nothing. */
	ck_assert_int_eq(output_write(&output, block, sizeof(block)), -EAGAIN);
	drain(fds[0], 1);
	ck_assert_int_eq(output_write(&output, block, sizeof(block)), PIPE_BUF);
	close(fds[0]);
	ck_assert_int_eq(output_write(&output, block, sizeof(block)), -EPIPE);
	close(fds[1]);
}
END_TEST

/* A pipe of somebody else cannot be reopened. */
START_TEST(test_foreign_pipe)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	output = (struct output){.kind = OUTPUT_PIPE, .fd = fds[1], .own = -EBADF};
	ck_assert_uint_ge(fill_up(), PIPE_BUF);
	drain(fds[0], page_size());
	ck_assert_uint_ge(fill_up(), PIPE_BUF);
	close(fds[0]);
	ck_assert_int_eq(output_write(&output, block, sizeof(block)), -EPIPE);
	close(fds[1]);
}
END_TEST

static void open_terminal(int *master, int *slave)
{
	struct termios termios;

	*master = posix_openpt(O_RDWR | O_NOCTTY);
	ck_assert_int_ge(*master, 0);
	ck_assert_int_eq(grantpt(*master), 0);
	ck_assert_int_eq(unlockpt(*master), 0);
	*slave = open(ptsname(*master), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(*slave, 0);
	ck_assert_int_eq(tcgetattr(*slave, &termios), 0);
	cfmakeraw(&termios);
	ck_assert_int_eq(tcsetattr(*slave, TCSANOW, &termios), 0);
}

START_TEST(test_terminal)
{
	int master;
	int slave;

	open_terminal(&master, &slave);
	ck_assert_int_eq(output_open(&output, slave), 0);
	ck_assert_int_eq(output.kind, OUTPUT_REOPENED);
	ck_assert(output.terminal);
	ck_assert_int_eq(fcntl(slave, F_GETFL) & O_NONBLOCK, 0);
	drain(master, fill_up());
	ck_assert_int_gt(output_write(&output, block, sizeof(block)), 0);
	close(master);
	ck_assert_int_eq(output_write(&output, block, sizeof(block)), -EPIPE);
	close(slave);
}
END_TEST

static void do_nothing(int number)
{
	(void)number;
}

/* A terminal of somebody else: writing waits, but not for long. */
START_TEST(test_foreign_terminal)
{
	struct sigaction action = {.sa_handler = do_nothing};
	int master;
	int slave;

	open_terminal(&master, &slave);
	sigaction(SIGALRM, &action, NULL);
	output = (struct output){.kind = OUTPUT_TERMINAL,
				 .terminal = true,
				 .fd = slave,
				 .own = -EBADF};
	drain(master, fill_up());
	ck_assert_int_gt(output_write(&output, block, sizeof(block)), 0);
	close(master);
	ck_assert_int_eq(output_write(&output, block, sizeof(block)), -EPIPE);
	close(slave);
}
END_TEST

START_TEST(test_socket)
{
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert_int_eq(output_open(&output, fds[1]), 0);
	ck_assert_int_eq(output.kind, OUTPUT_SOCKET);
	drain(fds[0], fill_up());
	ck_assert_int_eq(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_gt(output_write(&output, block, sizeof(block)), 0);
	close(fds[0]);
	ck_assert_int_eq(output_write(&output, block, sizeof(block)), -EPIPE);
	close(fds[1]);
}
END_TEST

/* Two open files: what the one appends, the other does not overwrite. */
START_TEST(test_file)
{
	char name[] = "/tmp/hb-test-output.XXXXXX";
	int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "before", 6), 6);
	ck_assert_int_eq(output_open(&output, fd), 0);
	ck_assert_int_eq(output.kind, OUTPUT_PLAIN);
	ck_assert_int_eq(output_write(&output, "after", 5), 5);
	/* The offset is that of whoever has the file open too. */
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 11);
	unlink(name);
	close(fd);
}
END_TEST

START_TEST(test_full)
{
	int fd = open("/dev/full", O_WRONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(output_open(&output, fd), 0);
	ck_assert_int_eq(output_write(&output, "x", 1), -ENOSPC);
	close(fd);
}
END_TEST

START_TEST(test_unusable)
{
	int fd = open("/dev/null", O_RDONLY);

	capture_messages(message, sizeof(message));
	ck_assert_int_eq(output_open(&output, fd), -EBADF);
	ck_assert_msg(strstr(message, "standard output is closed"), "said: %s", message);
	close(fd);
	message[0] = '\0';
	ck_assert_int_eq(output_open(&output, fd), -EBADF);
	ck_assert_msg(strstr(message, "standard output is closed"), "said: %s", message);
	capture_messages(NULL, 0);
}
END_TEST

/* Add lines of @length bytes, as many as there is room for. Returns how many. */
static unsigned long add_lines(struct pending *pending, size_t length)
{
	unsigned long count = 0;

	while (!pending_is_full(pending, length)) {
		memcpy(pending_room(pending), block, length);
		pending_add(pending, length, true, ++count);
	}
	return count;
}

START_TEST(test_pending_pipe)
{
	static struct pending pending;
	unsigned long position = 0;
	unsigned long count;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(output_open(&output, fds[1]), 0);
	fill_up();
	ck_assert(pending_is_empty(&pending));
	count = add_lines(&pending, 34);
	ck_assert_uint_eq(count, PIPE_BUF / 34);
	ck_assert_int_eq(pending_write(&pending, &output, &position), -EAGAIN);
	ck_assert_uint_eq(position, 0);
	ck_assert_uint_eq(pending_beats(&pending), count);
	drain(fds[0], page_size());
	ck_assert_int_eq(pending_write(&pending, &output, &position), 0);
	ck_assert_uint_eq(position, count);
	ck_assert_uint_eq(pending_beats(&pending), 0);
	ck_assert(pending_is_empty(&pending));
	close(fds[0]);
	close(fds[1]);
}
END_TEST

/* A terminal may take a part: only complete lines count, the rest is written first later. */
START_TEST(test_pending_in_parts)
{
	static struct pending pending;
	unsigned long position = 0;
	unsigned long count;
	char text[PIPE_BUF];
	size_t got = 0;
	int fds[2];
	int room = 1;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert_int_eq(setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)), 0);
	ck_assert_int_eq(output_open(&output, fds[1]), 0);
	memset(block, 'a', sizeof(block));
	count = add_lines(&pending, 100);
	while (got < count * 100) {
		int r = pending_write(&pending, &output, &position);
		ssize_t n;

		ck_assert(r == 0 || r == -EAGAIN);
		n = read(fds[0], text, 130);
		ck_assert_int_gt(n, 0);
		got += (size_t)n;
		ck_assert_uint_le(pending_beats(&pending), count - position);
		/* Nothing is called complete before it is on its way. */
		ck_assert_uint_le(position * 100, got + 65536);
	}
	ck_assert_uint_eq(got, count * 100);
	ck_assert_uint_eq(position, count);
	ck_assert(pending_is_empty(&pending));
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(test_pending_shortest_lines)
{
	static struct pending pending;

	ck_assert_uint_eq(add_lines(&pending, 6), PENDING_LINES);
	ck_assert(pending_is_full(&pending, 1));
	ck_assert_uint_le(pending.length, PENDING_SIZE);
}
END_TEST

Suite *output_suite(void)
{
	Suite *suite = suite_create("output");
	TCase *tcase = tcase_create("output");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, test_pipe);
	tcase_add_test(tcase, test_foreign_pipe);
	tcase_add_test(tcase, test_terminal);
	tcase_add_test(tcase, test_foreign_terminal);
	tcase_add_test(tcase, test_socket);
	tcase_add_test(tcase, test_file);
	tcase_add_test(tcase, test_full);
	tcase_add_test(tcase, test_unusable);
	tcase_add_test(tcase, test_pending_pipe);
	tcase_add_test(tcase, test_pending_in_parts);
	tcase_add_test(tcase, test_pending_shortest_lines);
	suite_add_tcase(suite, tcase);
	return suite;
}
