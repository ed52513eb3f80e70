// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "reader/http/activation.h"
#include "reader/http/listen.h"

enum { FIRST = STDERR_FILENO + 1 };

static const char count_variable[] = "LISTEN_FDS";
static const char pid_variable[] = "LISTEN_PID";
static const char names_variable[] = "LISTEN_FDNAMES";

/* Count the sockets passed to this process: it may have inherited the variables of another. */
static int count_passed(uint64_t *count)
{
	const char *pid = getenv(pid_variable);
	const char *text = getenv(count_variable);
	uint64_t number;

	*count = 0;
	if (!pid || !text || parse_u64(pid, 1, INT32_MAX, &number) < 0 ||
	    number != (uint64_t)getpid())
		return 0;
	if (parse_u64(text, 0, ACTIVATION_MAX, count) < 0)
		return log_error(-EINVAL, "%s=%s: at most %d sockets can be passed", count_variable,
				 text, ACTIVATION_MAX);
	return 0;
}

/*
 * The mode of its file guards a unix socket. One in the abstract name space, or open to all, is like
 * a port.
 */
static bool is_guarded(const struct sockaddr_un *un, socklen_t length)
{
	char path[sizeof(un->sun_path) + 1] = "";
	struct stat st;

	if (length <= offsetof(struct sockaddr_un, sun_path) || un->sun_path[0] == '\0')
		return false;
	memcpy(path, un->sun_path, length - offsetof(struct sockaddr_un, sun_path));
	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode) && !(st.st_mode & S_IWOTH);
}

/* Whether the socket with that @number has the name ACTIVATION_SELF. */
static bool is_self(size_t number)
{
	const char *names = getenv(names_variable);
	size_t length = 0;

	while (names && number-- > 0)
		names = (names = strchr(names, ':')) ? names + 1 : NULL;
	if (names)
		length = strcspn(names, ":");
	return length == strlen(ACTIVATION_SELF) && memcmp(names, ACTIVATION_SELF, length) == 0;
}

static void name_socket(struct activation *passed, const union listen_address *address,
			socklen_t length)
{
	char host[INET6_ADDRSTRLEN] = "?";
	char port[sizeof("65535")] = "?";

	if (address->any.sa_family == AF_UNIX) {
		snprintf(passed->name, sizeof(passed->name), "unix socket %d (passed)", passed->fd);
		return;
	}
	getnameinfo(&address->any, length, host, sizeof(host), port, sizeof(port),
		    NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(passed->name, sizeof(passed->name),
		 address->any.sa_family == AF_INET6 ? "[%s]:%s (passed)" : "%s:%s (passed)", host,
		 port);
}

static bool has_option(int fd, int option, int expected)
{
	socklen_t length = sizeof(int);
	int value;

	return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 && value == expected;
}

/* Find out what the clients of the unix socket may see. */
static enum access access_to(const struct activation *passed, const struct sockaddr_un *un,
			     socklen_t length)
{
	if (is_guarded(un, length))
		return ACCESS_MEMBER;
	log_info("%s: everybody can connect, so it serves no details (use SocketMode=0660)",
		 passed->name);
	return ACCESS_ANYBODY;
}

static int adopt(struct activation *passed, size_t number)
{
	int fd = FIRST + (int)number;
	union listen_address address = {0};
	socklen_t length = sizeof(address);
	int flags;

	*passed = (struct activation){.fd = fd};
	if (!has_option(fd, SO_ACCEPTCONN, 1) || !has_option(fd, SO_TYPE, SOCK_STREAM) ||
	    getsockname(fd, &address.any, &length) < 0)
		return log_error(
			-EINVAL,
			"descriptor %d is not a listening stream socket: use only ListenStream=, with Accept=no",
			fd);
	if (address.any.sa_family != AF_INET && address.any.sa_family != AF_INET6 &&
	    address.any.sa_family != AF_UNIX)
		return log_error(-EINVAL, "descriptor %d is neither a TCP nor a unix socket", fd);
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return log_errno(-errno, "descriptor %d", fd);
	name_socket(passed, &address, length);
	if (is_self(number) && address.any.sa_family != AF_UNIX)
		return log_error(
			-EINVAL,
			"%s: only the clients of a unix socket can ask about themselves: use ListenStream=/PATH",
			passed->name);
	if (is_self(number))
		passed->access = ACCESS_SELF;
	else if (address.any.sa_family == AF_UNIX)
		passed->access = access_to(passed, &address.un, length);
	return 0;
}

int activation_take(struct activation sockets[ACTIVATION_MAX])
{
	uint64_t count;
	int r;

	r = count_passed(&count);
	for (uint64_t i = 0; i < count && r == 0; i++)
		r = adopt(&sockets[i], i);
	unsetenv(count_variable);
	unsetenv(pid_variable);
	unsetenv(names_variable);
	for (uint64_t i = 0; i < count && r < 0; i++)
		close(FIRST + (int)i);
	return r < 0 ? r : (int)count;
}
