// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Addresses to listen at: reader/http/listen.c */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <check.h>

#include "bpf/lib/cleanup.h"
#include "reader/http/listen.h"
#include "tests/unit/capture.h"
#include "tests/unit/suites.h"

static const char *const good[] = {
	"127.0.0.1:9090", "0.0.0.0:1", "255.255.255.255:65535",
	"[::1]:9090",	  "[::]:80",   "[::ffff:127.0.0.1]:80",
	"unix:/run/x",	  "unix:x",    "unix:/a:b",
	"self",		  "self:/a",   "self:x",
	"localhost:9090", ":9090",
};

static const struct {
	const char *text;
	const char *why; /* part of the message */
} bad[] = {
	{"", "expected"},
	{"9090", "expected"},
	{"none:", "numeric"},
	{"1.2.3.4", "expected"},
	{":", "port"},
	{":x", "port"},
	{":0", "port"},
	{"localhost", "expected"},
	{"localhost:", "port"},
	{"localhost:http", "port"},
	{"localhost.:80", "no name but localhost"},
	{"localhos:80", "no name but localhost"},
	{"LOCALHOST:80", "no name but localhost"},
	{"example.org:9090", "no name but localhost"},
	{"1.2.3:80", "numeric"},
	{"1.2.3.4.5:80", "numeric"},
	{"1.2.3.256:80", "numeric"},
	{"111.111.111.1111:80", "numeric"},
	{"1.2.3.4:", "port"},
	{"1.2.3.4:0", "port"},
	{"1.2.3.4:65536", "port"},
	{"1.2.3.4:-1", "port"},
	{"1.2.3.4: 80", "port"},
	{"1.2.3.4:80x", "port"},
	{"1.2.3.4:99999999999999999999", "port"},
	{"::1:80", "brackets"},
	{"[::1]", "[ADDR6]:PORT"},
	{"[::1]80", "[ADDR6]:PORT"},
	{"[::1:80", "[ADDR6]:PORT"},
	{"[]:80", "must hold an IPv6"},
	{"[1.2.3.4]:80", "must hold an IPv6"},
	{"[::g]:80", "must hold an IPv6"},
	{"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:80", "must hold an IPv6"},
	{"[::1]:0", "port"},
	{"unix:", "path"},
	{"self:", "path"},
	{"selfs", "expected"},
};

static char dir[64];
static char path[100];
static char address[160];
static char message[1024];

static void make_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/hb-listen-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/socket", dir);
	snprintf(address, sizeof(address), "unix:%s", path);
	message[0] = '\0';
	capture_messages(message, sizeof(message));
}

static void remove_dir(void)
{
	capture_messages(NULL, 0);
	unlink(path);
	rmdir(dir);
}

START_TEST(test_good)
{
	ck_assert_int_eq(listen_check(good[_i], NULL), 0);
	ck_assert_str_eq(message, "");
}
END_TEST

START_TEST(test_bad)
{
	ck_assert_int_eq(listen_check(bad[_i].text, NULL), -EINVAL);
	ck_assert_msg(strstr(message, bad[_i].why), "%s: %s", bad[_i].text, message);
}
END_TEST

START_TEST(test_path_length)
{
	char text[200] = "unix:";

	memset(text + 5, 'x', 107);
	ck_assert_int_eq(listen_check(text, NULL), 0);
	memset(text + 5, 'x', 108);
	ck_assert_int_eq(listen_check(text, NULL), -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "107 bytes"));
}
END_TEST

static int try_connect(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	r = connect(fd, (struct sockaddr *)&un, sizeof(un)) < 0 ? -errno : 0;
	close(fd);
	return r;
}

START_TEST(test_unix)
{
	mode_t mask = umask(0);
	struct stat st;
	int fd;

	fd = listen_open(address, false);
	ck_assert_msg(fd >= 0, "%s", message);
	ck_assert_int_eq(umask(mask), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert(S_ISSOCK(st.st_mode));
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	ck_assert_int_eq(try_connect(), 0);

	/* In use: neither taken over nor removed. */
	ck_assert_int_eq(listen_open(address, false), -EADDRINUSE);
	listen_remove(address);
	ck_assert_int_eq(try_connect(), 0);

	close(fd);
	ck_assert_int_eq(try_connect(), -ECONNREFUSED);
	listen_remove(address);
	ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

/* Who may ask about himself is everybody. */
START_TEST(test_self)
{
	mode_t mask = umask(0077);
	struct stat st;
	int fd;

	snprintf(address, sizeof(address), "self:%s", path);
	fd = listen_open(address, false);
	ck_assert_msg(fd >= 0, "%s", message);
	ck_assert_int_eq(umask(mask), 0077);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0666);
	ck_assert_int_eq(try_connect(), 0);
	close(fd);
	listen_remove(address);
	ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

START_TEST(test_access)
{
	ck_assert_int_eq(listen_access("127.0.0.1:9090"), ACCESS_ANYBODY);
	ck_assert_int_eq(listen_access(":9090"), ACCESS_ANYBODY);
	ck_assert_int_eq(listen_access("unix:self"), ACCESS_MEMBER);
	ck_assert_int_eq(listen_access("self"), ACCESS_SELF);
	ck_assert_int_eq(listen_access("self:unix:"), ACCESS_SELF);
}
END_TEST

START_TEST(test_unix_left_behind)
{
	int fd;

	fd = listen_open(address, false);
	ck_assert_int_ge(fd, 0);
	close(fd);
	fd = listen_open(address, false);
	ck_assert_msg(fd >= 0, "%s", message);
	ck_assert_int_eq(try_connect(), 0);
	close(fd);
}
END_TEST

START_TEST(test_unix_file_in_the_way)
{
	struct stat st;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "x", 1), 1);
	close(fd);
	ck_assert_int_eq(listen_open(address, false), -EEXIST);
	ck_assert_ptr_nonnull(strstr(message, "in the way"));
	listen_remove(address);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 1);
}
END_TEST

START_TEST(test_unix_link_in_the_way)
{
	struct stat st;

	ck_assert_int_eq(symlink("elsewhere", path), 0);
	ck_assert_int_eq(listen_open(address, false), -EEXIST);
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
}
END_TEST

START_TEST(test_unix_no_directory)
{
	ck_assert_int_eq(listen_open("unix:/nonexistent/hb/socket", false), -ENOENT);
}
END_TEST

/* A port that is free at the moment, found by asking for any. */
static int free_port(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t length = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&in, &length), 0);
	close(fd);
	return ntohs(in.sin_port);
}

START_TEST(test_tcp)
{
	struct sockaddr_in in;
	socklen_t length = sizeof(in);
	char text[64];
	int port = free_port();
	int fd;

	snprintf(text, sizeof(text), "127.0.0.1:%d", port);
	fd = listen_open(text, false);
	ck_assert_msg(fd >= 0, "%s", message);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&in, &length), 0);
	ck_assert_int_eq(ntohs(in.sin_port), port);
	ck_assert_uint_eq(ntohl(in.sin_addr.s_addr), INADDR_LOOPBACK);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);

	message[0] = '\0';
	ck_assert_int_eq(listen_open(text, true), -EADDRINUSE);
	ck_assert_str_eq(message, "");
	ck_assert_int_eq(listen_open(text, false), -EADDRINUSE);
	ck_assert_ptr_nonnull(strstr(message, "taken"));
	close(fd);
}
END_TEST

/* Returns 0, or -errno if a client is refused. */
static int try_tcp(const char *host, int port)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((in_port_t)port)};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = in6.sin6_port};
	bool is_ipv6 = inet_pton(AF_INET6, host, &in6.sin6_addr) == 1;
	int fd = socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r;

	ck_assert(is_ipv6 || inet_pton(AF_INET, host, &in.sin_addr) == 1);
	r = is_ipv6 ? connect(fd, (struct sockaddr *)&in6, sizeof(in6))
		    : connect(fd, (struct sockaddr *)&in, sizeof(in));
	r = r < 0 ? -errno : 0;
	close(fd);
	return r;
}

START_TEST(test_tcp_localhost)
{
	int port = free_port();
	char text[64];
	int fd;

	snprintf(text, sizeof(text), "localhost:%d", port);
	fd = listen_open(text, false);
	ck_assert_msg(fd >= 0, "%s", message);
	ck_assert_int_eq(try_tcp("127.0.0.1", port), 0);
	ck_assert_int_eq(try_tcp("127.0.0.2", port), -ECONNREFUSED);
	close(fd);
}
END_TEST

START_TEST(test_tcp_every_address)
{
	int port = free_port();
	char text[64];
	int fd;

	snprintf(text, sizeof(text), ":%d", port);
	fd = listen_open(text, false);
	ck_assert_msg(fd >= 0, "%s", message);
	ck_assert_int_eq(try_tcp("127.0.0.1", port), 0);
	ck_assert_int_eq(try_tcp("127.0.0.2", port), 0);
	/* A machine without IPv6 has no such address. */
	if (access("/proc/net/if_inet6", R_OK) == 0)
		ck_assert_int_ne(try_tcp("::1", port), -ECONNREFUSED);
	ck_assert_int_eq(listen_open(text, true), -EADDRINUSE);
	close(fd);

	/* One family alone does not answer the other. */
	snprintf(text, sizeof(text), "[::]:%d", port);
	fd = listen_open(text, false);
	if (fd >= 0)
		ck_assert_int_eq(try_tcp("127.0.0.1", port), -ECONNREFUSED);
	close_fd(fd);
}
END_TEST

START_TEST(test_tcp_no_such_address)
{
	/* Kept for documentation (RFC 5737): no machine has it. */
	ck_assert_int_eq(listen_open("203.0.113.7:9090", true), -EADDRNOTAVAIL);
	ck_assert_ptr_nonnull(strstr(message, "no such address"));
}
END_TEST

Suite *listen_suite(void)
{
	Suite *suite = suite_create("listen");
	TCase *tcase = tcase_create("listen");

	tcase_add_checked_fixture(tcase, make_dir, remove_dir);
	tcase_add_loop_test(tcase, test_good, 0, (int)(sizeof(good) / sizeof(good[0])));
	tcase_add_loop_test(tcase, test_bad, 0, (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tcase, test_path_length);
	tcase_add_test(tcase, test_unix);
	tcase_add_test(tcase, test_self);
	tcase_add_test(tcase, test_access);
	tcase_add_test(tcase, test_unix_left_behind);
	tcase_add_test(tcase, test_unix_file_in_the_way);
	tcase_add_test(tcase, test_unix_link_in_the_way);
	tcase_add_test(tcase, test_unix_no_directory);
	tcase_add_test(tcase, test_tcp);
	tcase_add_test(tcase, test_tcp_localhost);
	tcase_add_test(tcase, test_tcp_every_address);
	tcase_add_test(tcase, test_tcp_no_such_address);
	suite_add_tcase(suite, tcase);
	return suite;
}
