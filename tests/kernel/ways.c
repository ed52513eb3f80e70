// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ways - get keys from a terminal, in each of the ways that the kernel has
 *
 * The tests copy it to a name that is on the list of programs, or is not. It makes a pseudo-terminal,
 * types on it, and prints `PID KEYS TIME` at the end: how many keys it got, and when it typed the
 * last one (CLOCK_BOOTTIME, ns). Exit status 77: this kernel does not have that way.
 *
 * ways_calls.c and ways_uring.c have the system calls.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf/lib/units.h"
#include "tests/kernel/ways.h"
#include "tests/lib/program.h"
#include "tests/lib/terminal.h"
#include "tests/lib/timing.h"

enum { INTERRUPT_EVERY_US = 3000, RESTARTED_LATE_MS = 10, END_OF_FILE = 4 /* ^D */ };

static struct {
	int fd;
	bool shared;	    /* the terminal is at 0 and 2 too */
	bool hold;	    /* wait for SIGUSR1 at the end */
	bool alone;	    /* the leader ends before the reads */
	const char *thread; /* the name of the thread that reads */
	unsigned int late_ms;
	const char *way;
	uint64_t count;
	char *child; /* the program that reads instead */
} options;

static int typist = -1;
static volatile uint64_t typed_at;
static uint64_t keys;
static volatile sig_atomic_t interruptions;

/* --- The terminal -------------------------------------------------------------------------- */

static void open_terminal(void)
{
	int terminal;

	terminal_open(&typist, &terminal);
	if (dup2(terminal, options.fd) < 0 ||
	    (options.shared && (dup2(terminal, 0) < 0 || dup2(terminal, 2) < 0)))
		die("descriptor");
}

static void type(char key)
{
	typed_at = time_now(CLOCK_BOOTTIME);
	if (write(typist, &key, 1) != 1)
		die("typing");
}

static void *type_late(void *unused)
{
	(void)unused;
	for (uint64_t i = 0; i < options.count; i++) {
		usleep(options.late_ms * 1000);
		type('k');
	}
	return NULL;
}

/* --- Interruptions ------------------------------------------------------------------------- */

static void count_interruption(int signal)
{
	(void)signal;
	interruptions++;
}

static void set_interruptions(suseconds_t every_us)
{
	struct itimerval timer = {.it_interval.tv_usec = every_us, .it_value.tv_usec = every_us};

	if (setitimer(ITIMER_REAL, &timer, NULL) < 0)
		die("timer");
}

/*
 * Interrupt this thread again and again, since a single signal might arrive before the read that it
 * is meant for. With SA_RESTART the kernel continues a read after the signal.
 */
static void interrupt_thread(int flags)
{
	struct sigaction action = {.sa_handler = count_interruption, .sa_flags = flags};
	sigset_t alarm;

	sigaction(SIGALRM, &action, NULL);
	/* All other threads block it. */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
	set_interruptions(INTERRUPT_EVERY_US);
}

/* --- Reads --------------------------------------------------------------------------------- */

static void expect(long expected, long actual)
{
	if (actual == expected)
		return;
	fprintf(stderr, "ways: %s returned %ld, not %ld\n", options.way, actual, expected);
	exit(1);
}

/* Make reads that return no key. */
static bool run_keyless(void)
{
	bool end = strcmp(options.way, "end-of-file") == 0;
	bool interrupted = strcmp(options.way, "interrupted") == 0;
	bool again = strcmp(options.way, "again") == 0;

	if (!end && !interrupted && !again)
		return false;
	terminal_set(options.fd, !end);
	terminal_set_blocking(options.fd, !again);
	if (interrupted)
		interrupt_thread(0);
	for (uint64_t i = 0; i < options.count; i++) {
		if (end)
			type(END_OF_FILE);
		expect(end ? 0 : interrupted ? -EINTR : -EAGAIN, ways_read(options.fd));
	}
	if (interrupted)
		set_interruptions(0);
	return true;
}

static void run_keys(void)
{
	bool restarted = strcmp(options.way, "restarted") == 0;
	ways_call call = ways_find(options.way);
	pthread_t thread;
	bool late;

	if (!call) {
		fprintf(stderr, "ways: there is no way '%s'\n", options.way);
		exit(EXIT_USAGE);
	}
	terminal_set(options.fd, true);
	if (restarted && options.late_ms == 0)
		options.late_ms = RESTARTED_LATE_MS;
	late = options.late_ms > 0;
	if (late)
		pthread_create(&thread, NULL, type_late, NULL);
	if (restarted)
		interrupt_thread(SA_RESTART);
	for (uint64_t i = 0; i < options.count; i++) {
		if (!late)
			type('k');
		expect(1, call(options.fd));
		keys++;
	}
	if (restarted)
		set_interruptions(0);
	if (restarted && interruptions == 0) {
		fputs("ways: no read was interrupted\n", stderr);
		exit(1);
	}
	if (late)
		pthread_join(thread, NULL);
}

/* Let another program get the keys. */
static void run_child(void)
{
	char *const arguments[] = {options.child, NULL};
	int status;
	pid_t pid;

	terminal_set(options.fd, true);
	pid = fork();
	if (pid == 0) {
		execv(options.child, arguments);
		_exit(errno == ENOEXEC ? EXIT_SKIPPED : 127);
	}
	if (pid < 0)
		die("fork");
	for (uint64_t i = 0; i < options.count; i++)
		type('k');
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "ways: %s ended with status %d\n", options.child, status);
		exit(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED ? EXIT_SKIPPED : 1);
	}
	keys = options.count;
}

static void run(void)
{
	if (options.child)
		run_child();
	else if (!run_keyless())
		run_keys();
	printf("%d %" PRIu64 " %" PRIu64 "\n", getpid(), keys, typed_at);
	fflush(stdout);
	if (options.hold)
		signal_wait(SIGUSR1);
}

static void *run_in_thread(void *unused)
{
	(void)unused;
	if (prctl(PR_SET_NAME, options.thread) < 0)
		die("name");
	run();
	exit(0);
}

static const char usage[] =
	"usage: ways [OPTION]... WAY COUNT\n"
	"Get COUNT keys from a new terminal with read, readv, preadv2, splice, uring, uring-worker,\n"
	"int80 or restarted (read, and signals), or make reads that return none: end-of-file, again,\n"
	"interrupted, or let PROGRAM read: child PROGRAM.\n"
	"  --fd N         put the terminal at descriptor N, not 0\n"
	"  --shared       put it at 0 and 2 too\n"
	"  --thread NAME  read in a thread with this name\n"
	"  --alone        end the leader of that thread first\n"
	"  --late-ms N    type each key N ms after the one before, not ahead of the read\n"
	"  --hold         wait for SIGUSR1 at the end\n";

static void parse(int argc, char *argv[])
{
	static const struct option long_options[] = {
		{"fd", required_argument, NULL, 'f'},
		{"shared", no_argument, NULL, 's'},
		{"thread", required_argument, NULL, 't'},
		{"alone", no_argument, NULL, 'a'},
		{"late-ms", required_argument, NULL, 'l'},
		{"hold", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "+", long_options, NULL)) != -1) {
		switch (option) {
		case 'f':
			options.fd = (int)number(optarg);
			break;
		case 's':
			options.shared = true;
			break;
		case 't':
			options.thread = optarg;
			break;
		case 'a':
			options.alone = true;
			break;
		case 'l':
			options.late_ms = (unsigned int)number(optarg);
			break;
		case 'h':
			options.hold = true;
			break;
		default:
			fputs(usage, stderr);
			exit(EXIT_USAGE);
		}
	}
	if (argc - optind < 2 || (options.alone && !options.thread) ||
	    (strcmp(argv[optind], "child") == 0) != (argc - optind == 3)) {
		fputs(usage, stderr);
		exit(EXIT_USAGE);
	}
	options.way = argv[optind];
	options.count = number(argv[argc - 1]);
	options.child = argc - optind == 3 ? argv[optind + 1] : NULL;
}

int main(int argc, char *argv[])
{
	pthread_t thread;

	parse(argc, argv);
	signal_block(SIGUSR1);
	signal_block(SIGALRM);
	open_terminal();
	if (!options.thread) {
		run();
		return 0;
	}
	errno = pthread_create(&thread, NULL, run_in_thread, NULL);
	if (errno != 0)
		die("thread");
	if (options.alone)
		syscall(SYS_exit, 0); /* ends this thread only */
	pthread_join(thread, NULL);
	return 0;
}
