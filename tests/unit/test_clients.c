// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The limits of clients: reader/http/clients.c */
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "reader/http/clients.h"
#include "tests/unit/suites.h"

static struct loop *loop;
static struct clients clients;
static int ours[CLIENTS_MAX + 3];
static int theirs[CLIENTS_MAX + 3];
static struct client *entered[CLIENTS_MAX + 3];

static void start(void)
{
	ck_assert_int_eq(loop_new(&loop), 0);
	ck_assert_int_eq(clients_start(&clients, loop, CLIENTS_MAX), 0);
}

static void end(void)
{
	clients_stop(&clients);
	loop_free(loop);
}

static void enter_of(size_t i, uint64_t owner)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	ours[i] = pair[0];
	theirs[i] = pair[1];
	entered[i] = clients_enter(&clients, ours[i], owner, 0);
	ck_assert_ptr_nonnull(entered[i]);
}

static void enter(size_t i)
{
	enter_of(i, 0);
}

static void leave(size_t i)
{
	clients_leave(&clients, entered[i]);
	close(ours[i]);
	close(theirs[i]);
}

/* The other end sees that the connection was shut down. */
static bool is_out(size_t i)
{
	char byte;

	return recv(theirs[i], &byte, sizeof(byte), MSG_DONTWAIT) == 0;
}

START_TEST(test_oldest_makes_room)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		enter(i);
	ck_assert_uint_eq(clients.count, CLIENTS_MAX);
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		ck_assert(!is_out(i));
	/* A client that was served waits from then on. */
	clients_served(&clients, entered[0]);
	enter(CLIENTS_MAX);
	enter(CLIENTS_MAX + 1);
	ck_assert_uint_eq(clients.count, CLIENTS_MAX);
	ck_assert(!is_out(0));
	ck_assert(is_out(1));
	ck_assert(is_out(2));
	for (size_t i = 3; i < CLIENTS_MAX + 2; i++)
		ck_assert(!is_out(i));
	/* For a client that was turned out all calls come too late. */
	clients_served(&clients, entered[1]);
	ck_assert_uint_eq(clients.count, CLIENTS_MAX);
	for (size_t i = 0; i < CLIENTS_MAX + 2; i++)
		leave(i);
	ck_assert_uint_eq(clients.count, 0);
	ck_assert(TAILQ_EMPTY(&clients.list));
}
END_TEST

/* Nobody loses a client to an owner that has enough, nor to one that has more. */
START_TEST(test_owners)
{
	enum { EACH = 4, OTHER = 100, RICH = 7 };
	size_t count = 0;

	clients.most_each = EACH;
	for (size_t i = 0; i < EACH; i++)
		enter_of(count++, OTHER);
	for (size_t i = 0; i <= EACH; i++)
		enter_of(count++, RICH);
	ck_assert_uint_eq(clients.count, 2 * EACH);
	ck_assert(!is_out(0));
	ck_assert(is_out(EACH));
	/* With many owners there is room for one more than each has. */
	clients_served(&clients, entered[0]);
	for (; clients.count < CLIENTS_MAX; count++)
		enter_of(count, 1000 + count);
	enter_of(count, 1000 + count);
	count++;
	ck_assert_uint_eq(clients.count, CLIENTS_MAX);
	ck_assert(!is_out(0));
	ck_assert(is_out(1));
	for (size_t i = 2; i < count; i++)
		ck_assert(i == EACH || !is_out(i));
	for (size_t i = 0; i < count; i++)
		leave(i);
}
END_TEST

START_TEST(test_cgroups)
{
	struct client *client;
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	client = clients_enter(&clients, pair[0], 3, 4711);
	ck_assert_uint_eq(clients_cgroup(client), 4711);
	ck_assert_uint_eq(clients_cgroup(NULL), 0);
	clients_leave(&clients, client);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

START_TEST(test_any_order)
{
	for (size_t i = 0; i < 5; i++)
		enter(i);
	leave(2);
	leave(0);
	clients_served(&clients, entered[1]);
	leave(4);
	ck_assert_uint_eq(clients.count, 2);
	ck_assert_ptr_eq(TAILQ_FIRST(&clients.list), entered[3]);
	ck_assert_ptr_eq(TAILQ_LAST(&clients.list, client_list), entered[1]);
	leave(1);
	leave(3);
	ck_assert_uint_eq(clients.count, 0);
	clients_served(&clients, NULL);
	clients_leave(&clients, NULL);
}
END_TEST

/* The server, which hears of changes alone, hears again that a client has closed its side. */
START_TEST(test_half_closed)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	char request[4];

	ck_assert_int_ge(epoll, 0);
	enter(0);
	enter(1);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(epoll_ctl(epoll, EPOLL_CTL_ADD, ours[i], &event), 0);
		ck_assert_int_eq(send(theirs[i], "GET", 3, 0), 3);
	}
	ck_assert_int_eq(shutdown(theirs[0], SHUT_WR), 0);
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(epoll_wait(epoll, &event, 1, 0), 1);
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(recv(ours[i], request, 3, 0), 3);
	ck_assert_int_eq(epoll_wait(epoll, &event, 1, 0), 0);
	clients_served(&clients, entered[1]);
	ck_assert_int_eq(epoll_wait(epoll, &event, 1, 0), 0);
	clients_served(&clients, entered[0]);
	ck_assert_int_eq(epoll_wait(epoll, &event, 1, 0), 1);
	/* It can be answered still. */
	ck_assert_int_eq(send(ours[0], "200", 3, 0), 3);
	ck_assert_int_eq(recv(theirs[0], request, 3, 0), 3);
	leave(0);
	leave(1);
	close(epoll);
}
END_TEST

Suite *clients_suite(void)
{
	Suite *suite = suite_create("clients");
	TCase *tcase = tcase_create("clients");

	tcase_add_checked_fixture(tcase, start, end);
	tcase_add_test(tcase, test_oldest_makes_room);
	tcase_add_test(tcase, test_owners);
	tcase_add_test(tcase, test_cgroups);
	tcase_add_test(tcase, test_any_order);
	tcase_add_test(tcase, test_half_closed);
	suite_add_tcase(suite, tcase);
	return suite;
}
