// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * crowd - run COUNT processes that read descriptor 0 once and then wait, until SIGTERM
 *
 *	crowd COUNT
 *
 * Prints a line once all have read. They have the command name that this program was started with.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/lib/program.h"

static int live(void)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(STDIN_FILENO, &byte, 1) != 1 || write(STDOUT_FILENO, "", 1) != 1)
		return 1;
	for (;;)
		pause();
}

int main(int argc, char *argv[])
{
	int zero = open("/dev/zero", O_RDONLY);
	uint64_t count = argc == 2 ? number(argv[1]) : 0;
	int out = dup(STDOUT_FILENO);
	int done[2];
	char byte;

	if (count == 0) {
		fputs("usage: crowd COUNT\n", stderr);
		return EXIT_USAGE;
	}
	if (zero < 0 || out < 0 || dup2(zero, STDIN_FILENO) < 0 || pipe(done) < 0)
		die("descriptors");
	if (dup2(done[1], STDOUT_FILENO) < 0)
		die("descriptors");
	for (uint64_t i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0)
			_exit(live());
	}
	for (uint64_t i = 0; i < count; i++) {
		if (read(done[0], &byte, 1) != 1)
			die("read");
	}
	if (write(out, "ready\n", 6) != 6)
		die("write");
	for (;;)
		pause();
}
