// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * steps - take one step after the other: names, forks, threads, programs, keys
 *
 * The tests copy it to a name that is on the list of programs, or is not. After each step it prints
 * `STEP PID`, where STEP is the first word of the step.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/program.h"
#include "tests/lib/terminal.h"

/* Keys come through this descriptor, as in less and emacs. */
enum { KEYS_FD = 3 };

static int typist = -1;

static void take(char **steps);

static void open_terminal(void)
{
	int terminal;

	if (typist >= 0)
		return;
	terminal_open(&typist, &terminal);
	terminal_set(terminal, true);
	if (dup2(terminal, KEYS_FD) < 0)
		die("descriptor");
}

/* Type so many keys, and read each. */
static char **keys(char **arguments)
{
	uint64_t count = number(arguments[0]);
	char key;

	open_terminal();
	while (count-- > 0) {
		if (write(typist, "k", 1) != 1 || read(KEYS_FD, &key, 1) != 1)
			die("key");
	}
	return arguments + 1;
}

/* Get a controlling terminal, which also becomes descriptor 0. */
static char **terminal(char **arguments)
{
	open_terminal();
	/* The terminal must not hang up when another program is run. */
	if (fcntl(typist, F_SETFD, 0) < 0 || setsid() < 0 || ioctl(KEYS_FD, TIOCSCTTY, 0) < 0 ||
	    dup2(KEYS_FD, 0) < 0)
		die("controlling terminal");
	return arguments;
}

/* Have none. */
static char **background(char **arguments)
{
	if (setsid() < 0)
		die("setsid");
	return arguments;
}

/* Name this thread. */
static char **name(char **arguments)
{
	if (prctl(PR_SET_NAME, arguments[0]) < 0)
		die("name");
	return arguments + 1;
}

/* Name the first thread, from whichever this is. */
static char **name_first(char **arguments)
{
	size_t length = strlen(arguments[0]);
	int fd = open("/proc/self/comm", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, arguments[0], length) != (ssize_t)length || close(fd) < 0)
		die("/proc/self/comm");
	return arguments + 1;
}

static char **wait_for_test(char **arguments)
{
	signal_wait(SIGUSR1);
	return arguments;
}

static void end_as(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		die("wait");
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

/* A child takes the other steps. */
static char **fork_child(char **arguments)
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child > 0)
		end_as(child);
	return arguments;
}

static void *take_in_thread(void *steps)
{
	take(steps);
	exit(0);
}

/* Another thread does. */
static char **thread(char **arguments)
{
	pthread_t other;

	errno = pthread_create(&other, NULL, take_in_thread, arguments);
	if (errno != 0)
		die("thread");
	pthread_join(other, NULL);
	return arguments;
}

/* Another program does, in this process. */
static char **exec(char **arguments)
{
	execv(arguments[0], arguments);
	die(arguments[0]);
}

/* Another program does, in a child that shares memory until it runs it. */
static char **spawn(char **arguments)
{
	pid_t child;

	errno = posix_spawn(&child, arguments[0], NULL, NULL, arguments, environ);
	if (errno != 0)
		die(arguments[0]);
	end_as(child);
	return arguments;
}

static const struct {
	const char *name;
	int arguments; /* at least */
	char **(*take)(char **arguments);
} kinds[] = {
	{"keys", 1, keys},	 {"terminal", 0, terminal},	{"background", 0, background},
	{"name", 1, name},	 {"name-first", 1, name_first}, {"wait", 0, wait_for_test},
	{"fork", 0, fork_child}, {"thread", 0, thread},		{"exec", 1, exec},
	{"spawn", 1, spawn},
};

static int count(char **steps)
{
	int n = 0;

	while (steps[n])
		n++;
	return n;
}

static char **take_one(char **steps)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(steps[0], kinds[i].name) == 0 && count(steps + 1) >= kinds[i].arguments)
			return kinds[i].take(steps + 1);
	}
	fputs("usage: steps [keys N | terminal | background | name NAME | name-first NAME |\n"
	      "             wait | fork | thread | exec PROGRAM | spawn PROGRAM]...\n",
	      stderr);
	exit(EXIT_USAGE);
}

static void take(char **steps)
{
	while (*steps) {
		char **next = take_one(steps);

		dprintf(STDOUT_FILENO, "%s %d\n", steps[0], getpid());
		steps = next;
	}
}

int main(int argc, char *argv[])
{
	(void)argc;
	signal_block(SIGUSR1);
	take(argv + 1);
	return 0;
}
