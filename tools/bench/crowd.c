// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * crowd - so many processes that read descriptor 0 once and then wait; until SIGTERM
 *
 *	crowd COUNT
 *
 * Prints a line when all have read. They bear the name that this program was started by.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int die(const char *what)
{
	fprintf(stderr, "crowd: %s: %s\n", what, strerror(errno));
	return 1;
}

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
	long count = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
	int out = dup(STDOUT_FILENO);
	int done[2];
	char byte;

	if (count < 1) {
		fputs("usage: crowd COUNT\n", stderr);
		return 2;
	}
	if (zero < 0 || out < 0 || dup2(zero, STDIN_FILENO) < 0 || pipe(done) < 0)
		return die("descriptors");
	if (dup2(done[1], STDOUT_FILENO) < 0)
		return die("descriptors");
	for (long i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return die("fork");
		if (pid == 0)
			_exit(live());
	}
	for (long i = 0; i < count; i++) {
		if (read(done[0], &byte, 1) != 1)
			return die("read");
	}
	if (write(out, "ready\n", 6) != 6)
		return die("write");
	for (;;)
		pause();
}
