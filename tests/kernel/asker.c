// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * asker - ask the server at a unix socket by way of a process that is gone before it can be looked at
 *
 *	asker SOCKET TARGET CGROUP [THEN]
 *
 * A child enters the control group, whose directory is CGROUP, connects, enters THEN, sends the request
 * and ends. Then this prints `gone`, waits for SIGUSR1, and prints the answer.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/program.h"

enum { PATIENCE_S = 60 };

static void enter(const char *cgroup)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		die(path);
	close(fd);
}

static void join(int fd, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		die(path);
}

static void ask(int fd, const char *target)
{
	char request[512];
	int length =
		snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", target);

	if (send(fd, request, (size_t)length, MSG_NOSIGNAL) != length)
		die("send");
}

int main(int argc, char *argv[])
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char answer[4096];
	ssize_t length;
	pid_t child;
	int status;

	if (argc != 4 && argc != 5) {
		fputs("usage: asker SOCKET TARGET CGROUP [THEN]\n", stderr);
		return EXIT_USAGE;
	}
	alarm(PATIENCE_S);
	signal_block(SIGUSR1);
	child = fork();
	if (child == 0) {
		enter(argv[3]);
		join(fd, argv[1]);
		if (argc == 5)
			enter(argv[4]);
		ask(fd, argv[2]);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
		die("child");
	puts("gone");
	fflush(stdout);
	signal_wait(SIGUSR1);
	while ((length = recv(fd, answer, sizeof(answer), 0)) > 0)
		fwrite(answer, 1, (size_t)length, stdout);
	return length < 0;
}
