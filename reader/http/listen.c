// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "reader/http/listen.h"

/* The server accepts clients in turn, so many may have to wait for a moment. */
enum { BACKLOG = 4096, SOCKET_FLAGS = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK };

static const char unix_prefix[] = "unix:";
/* The only name, because looking up others could block. */
static const char localhost_prefix[] = "localhost:";
static const char self_prefix[] = "self:";
static const char self[] = "self";

static bool begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

enum access listen_access(const char *text)
{
	if (strcmp(text, self) == 0 || begins(text, self_prefix))
		return ACCESS_SELF;
	return begins(text, unix_prefix) ? ACCESS_MEMBER : ACCESS_ANYBODY;
}

static int parse_unix(const char *text, union listen_address *address, struct reason *why)
{
	const char *path = strcmp(text, self) == 0 ? LISTEN_SELF : strchr(text, ':') + 1;

	if (path[0] == '\0')
		return reason_set(why, -EINVAL, "a path must follow");
	if (strlen(path) >= sizeof(address->un.sun_path))
		return reason_set(why, -EINVAL, "the path of a unix socket takes %zu bytes at most",
				  sizeof(address->un.sun_path) - 1);
	address->un.sun_family = AF_UNIX;
	strcpy(address->un.sun_path, path);
	return 0;
}

static int parse_port(const char *digits, in_port_t *port, struct reason *why)
{
	uint64_t number;

	if (parse_u64(digits, 1, UINT16_MAX, &number) < 0)
		return reason_set(why, -EINVAL, "the port must be a number from 1 to 65535");
	*port = htons((uint16_t)number);
	return 0;
}

static int parse_localhost(const char *text, union listen_address *address, struct reason *why)
{
	address->in.sin_family = AF_INET;
	address->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return parse_port(text + strlen(localhost_prefix), &address->in.sin_port, why);
}

/* `:PORT` means every address of the machine. `::1` without brackets begins like this, too. */
static bool is_every(const char *text)
{
	return text[0] == ':' && !strchr(text + 1, ':');
}

static int parse_every(const char *text, union listen_address *address, struct reason *why)
{
	address->in6.sin6_family = AF_INET6;
	address->in6.sin6_addr = in6addr_any;
	return parse_port(text + 1, &address->in6.sin6_port, why);
}

static bool parse_host(int family, const char *text, size_t length, void *address)
{
	char host[INET6_ADDRSTRLEN] = "";

	if (length < sizeof(host))
		memcpy(host, text, length);
	return inet_pton(family, host, address) == 1;
}

static int parse_ipv6(const char *text, union listen_address *address, struct reason *why)
{
	const char *end = strchr(text, ']');

	if (!end || end[1] != ':')
		return reason_set(why, -EINVAL, "expected [ADDR6]:PORT, such as [::1]:9090");
	address->in6.sin6_family = AF_INET6;
	if (!parse_host(AF_INET6, text + 1, (size_t)(end - text) - 1, &address->in6.sin6_addr))
		return reason_set(why, -EINVAL, "the brackets must hold an IPv6 address");
	return parse_port(end + 2, &address->in6.sin6_port, why);
}

static int parse_ipv4(const char *text, union listen_address *address, struct reason *why)
{
	const char *end = strrchr(text, ':');

	if (!end)
		return reason_set(
			why, -EINVAL,
			"expected ADDR:PORT, [ADDR6]:PORT, :PORT, unix:PATH, self or none");
	if (strchr(text, ':') != end)
		return reason_set(why, -EINVAL, "an IPv6 address goes in brackets: [ADDR6]:PORT");
	address->in.sin_family = AF_INET;
	if (!parse_host(AF_INET, text, (size_t)(end - text), &address->in.sin_addr))
		return reason_set(why, -EINVAL,
				  "the address must be numeric, such as " LISTEN_DEFAULT
				  " or [::1]:9090: no name but localhost is looked up");
	return parse_port(end + 1, &address->in.sin_port, why);
}

static int parse(const char *text, union listen_address *address, struct reason *why)
{
	memset(address, 0, sizeof(*address));
	if (listen_access(text) != ACCESS_ANYBODY)
		return parse_unix(text, address, why);
	if (begins(text, localhost_prefix))
		return parse_localhost(text, address, why);
	if (is_every(text))
		return parse_every(text, address, why);
	if (text[0] == '[')
		return parse_ipv6(text, address, why);
	return parse_ipv4(text, address, why);
}

int listen_check(const char *text, struct reason *why)
{
	union listen_address address;

	return parse(text, &address, why);
}

/*
 * Remove the socket @address if it is a leftover: a socket of this user that refuses connections.
 * Returns 0: nothing is in the way; -EADDRINUSE: a process listens there; -EEXIST: something else is
 * there; or -errno.
 */
static int remove_stale(const struct sockaddr_un *address)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat st;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCKET_FLAGS, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN)
		return -EADDRINUSE;
	if (errno != ECONNREFUSED || st.st_uid != geteuid())
		return -EEXIST;
	return unlink(address->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

static int open_unix(const char *text, const struct sockaddr_un *address)
{
	_cleanup_close_ int fd = -EBADF;
	mode_t previous;
	int listening;
	int r;

	r = remove_stale(address);
	if (r == -EEXIST)
		return log_error(
			r,
			"%s: a file is in the way, and it is not an unused socket of this user: remove it, or listen elsewhere",
			text);
	if (r == -EADDRINUSE)
		return log_error(r, "%s: another process is listening there", text);
	if (r < 0)
		return log_errno(r, "%s", text);
	fd = socket(AF_UNIX, SOCKET_FLAGS, 0);
	if (fd < 0)
		return log_errno(-errno, "%s", text);
	/* Set the mode as the file is created, so that others can never connect. */
	previous = umask(listen_access(text) == ACCESS_SELF ? 0111 : 0117);
	r = bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
	umask(previous);
	if (r < 0)
		return log_errno(r, "%s", text);
	if (listen(fd, BACKLOG) < 0) {
		r = log_errno(-errno, "%s", text);
		unlink(address->sun_path);
		return r;
	}
	listening = fd;
	fd = -EBADF;
	return listening;
}

static int log_bind(const char *text, int err)
{
	switch (err) {
	case -EADDRINUSE:
		return log_error(err, "%s: the port is taken: choose another with --listen", text);
	case -EADDRNOTAVAIL:
		return log_error(err, "%s: this machine has no such address", text);
	case -EACCES:
		return log_error(err,
				 "%s: ports below 1024 need CAP_NET_BIND_SERVICE: choose another",
				 text);
	default:
		return log_errno(err, "%s", text);
	}
}

/* Where there is no IPv6, every address is one of IPv4. Returns a descriptor or -1. */
static int make_socket(const char *text, union listen_address *address)
{
	int fd = socket(address->any.sa_family, SOCKET_FLAGS, 0);

	if (fd >= 0 || errno != EAFNOSUPPORT || !is_every(text))
		return fd;
	*address = (union listen_address){
		.in = {.sin_family = AF_INET, .sin_port = address->in6.sin6_port},
	};
	return socket(AF_INET, SOCKET_FLAGS, 0);
}

static int open_tcp(const char *text, union listen_address *address, bool may_be_taken)
{
	_cleanup_close_ int fd = make_socket(text, address);
	const int only_ipv6 = !is_every(text);
	const int on = 1;
	socklen_t length = sizeof(address->in);
	int listening;
	int r = 0;

	if (fd < 0)
		return log_errno(-errno, "%s", text);
	/* Connections of an earlier run that are still closing must not block the port. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return log_errno(-errno, "%s", text);
	if (address->any.sa_family == AF_INET6) {
		length = sizeof(address->in6);
		if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, sizeof(only_ipv6)) < 0)
			return log_errno(-errno, "%s", text);
	}
	if (bind(fd, &address->any, length) < 0 || listen(fd, BACKLOG) < 0)
		r = -errno;
	if (r == -EADDRINUSE && may_be_taken)
		return r;
	if (r < 0)
		return log_bind(text, r);
	listening = fd;
	fd = -EBADF;
	return listening;
}

int listen_open(const char *text, bool may_be_taken)
{
	union listen_address address;
	int r;

	r = parse(text, &address, NULL);
	if (r < 0)
		return r;
	if (address.any.sa_family == AF_UNIX)
		return open_unix(text, &address.un);
	return open_tcp(text, &address, may_be_taken);
}

void listen_remove(const char *text)
{
	union listen_address address;

	/* Another process may have put its own socket there. If it answers, it stays. */
	if (listen_access(text) != ACCESS_ANYBODY && parse(text, &address, NULL) == 0)
		remove_stale(&address.un);
}
