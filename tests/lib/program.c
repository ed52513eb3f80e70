// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/program.h"

__attribute__((noreturn)) static void fail(const char *what, int status)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(status);
}

void die(const char *what)
{
	fail(what, 1);
}

void skip(const char *what)
{
	fail(what, EXIT_SKIPPED);
}

uint64_t number(const char *text)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && *text != '-')
		return value;
	fprintf(stderr, "%s: '%s' is not a number\n", program_invocation_short_name, text);
	exit(EXIT_USAGE);
}

void signal_block(int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

void signal_wait(int signal)
{
	sigset_t set;
	int taken;

	sigemptyset(&set);
	sigaddset(&set, signal);
	sigwait(&set, &taken);
}
