// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * beater - make a known number of read(2) calls, and print how many
 *
 * The tests copy it to a name that is on the list of programs, or is not. It prints `ready PID` with
 * --wait or --hold, and `PID READS` at the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bpf/lib/units.h"
#include "tests/lib/program.h"
#include "tests/lib/terminal.h"
#include "tests/lib/timing.h"

enum { THREADS_MAX = 64 };

enum side {
	SIDE_INHERITED, /* whatever the descriptor is already */
	SIDE_TERMINAL,	/* a new terminal */
	SIDE_MASTER,	/* the other end of one */
};

struct job {
	int descriptor;
	enum side side;
	int other; /* the end that is not read, or -1 */
	bool type; /* write a byte before each read */
	bool wait;
	bool hold;
	bool in_thread;
	unsigned int threads;
	uint64_t count; /* reads by each thread; 0: until SIGTERM */
	uint64_t pace_ns;
	uint64_t burst; /* reads at each pace */
};

static struct job job = {.other = -1, .threads = 1, .burst = 1};
static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static void *reads(void *data)
{
	uint64_t *done = data;
	uint64_t next = time_now(CLOCK_MONOTONIC);
	char byte;

	while (!ended && (job.count == 0 || *done < job.count)) {
		if (job.pace_ns > 0 && *done % job.burst == 0)
			time_wait_until(next, job.pace_ns);
		if (job.type && write(job.other, "k", 1) != 1)
			die("write");
		if (read(job.descriptor, &byte, 1) < 0 && errno != EAGAIN)
			die("read");
		(*done)++;
		/* A late read delays the next: two are never closer than this. */
		if (job.pace_ns > 0 && *done % job.burst == 0)
			next = time_now(CLOCK_MONOTONIC) + job.pace_ns;
	}
	return NULL;
}

/* Put one end of a new pseudo-terminal at the descriptor, and keep the other one for typing. */
static void open_terminal(void)
{
	int master;
	int terminal;

	terminal_open(&master, &terminal);
	terminal_set(terminal, true);
	if (dup2(job.side == SIDE_MASTER ? master : terminal, job.descriptor) < 0)
		die("descriptor");
	terminal_set_blocking(job.descriptor, false);
	job.other = job.side == SIDE_MASTER ? terminal : master;
}

static void wait_for_test(void)
{
	printf("ready %d\n", getpid());
	fflush(stdout);
	signal_wait(SIGUSR1);
}

static uint64_t run(void)
{
	static uint64_t done[THREADS_MAX];
	pthread_t threads[THREADS_MAX];
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t sum = 0;

	if (!job.in_thread) {
		reads(&done[0]);
		return done[0];
	}
	for (unsigned int i = 0; i < job.threads; i++) {
		pthread_attr_t attributes;
		cpu_set_t cpu;

		CPU_ZERO(&cpu);
		CPU_SET(i % (unsigned long)cpus, &cpu);
		pthread_attr_init(&attributes);
		pthread_attr_setaffinity_np(&attributes, sizeof(cpu), &cpu);
		errno = pthread_create(&threads[i], &attributes, reads, &done[i]);
		if (errno != 0)
			die("thread");
		pthread_attr_destroy(&attributes);
	}
	for (unsigned int i = 0; i < job.threads; i++) {
		pthread_join(threads[i], NULL);
		sum += done[i];
	}
	return sum;
}

static const char usage[] =
	"usage: beater [OPTION]... COUNT\n"
	"Read one byte COUNT times, or until SIGTERM if COUNT is 0.\n"
	"  --fd N         read from descriptor N, not 0\n"
	"  --terminal     make that a new pseudo-terminal, non-blocking\n"
	"  --master       make that the master side of a new one\n"
	"  --type         with either: write a byte before each read\n"
	"  --pace-us N    wait N microseconds between two reads\n"
	"  --burst N      with --pace-us: read N times every time\n"
	"  --thread       read in a thread that is not the leader\n"
	"  --threads N    read COUNT times in each of N such threads, on all CPUs\n"
	"  --wait         print `ready PID`, and start at SIGUSR1\n"
	"  --hold         print `ready PID` after the reads, and end at SIGUSR1\n";

static void parse(int argc, char *argv[])
{
	static const struct option options[] = {
		{"fd", required_argument, NULL, 'f'},
		{"terminal", no_argument, NULL, 't'},
		{"master", no_argument, NULL, 'm'},
		{"type", no_argument, NULL, 'y'},
		{"pace-us", required_argument, NULL, 'p'},
		{"burst", required_argument, NULL, 'b'},
		{"thread", no_argument, NULL, 'n'},
		{"threads", required_argument, NULL, 'N'},
		{"wait", no_argument, NULL, 'w'},
		{"hold", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'f':
			job.descriptor = (int)number(optarg);
			break;
		case 't':
			job.side = SIDE_TERMINAL;
			break;
		case 'm':
			job.side = SIDE_MASTER;
			break;
		case 'y':
			job.type = true;
			break;
		case 'p':
			job.pace_ns = number(optarg) * NS_PER_US;
			break;
		case 'b':
			job.burst = number(optarg);
			break;
		case 'N':
			job.threads = (unsigned int)number(optarg);
			job.in_thread = true;
			break;
		case 'n':
			job.in_thread = true;
			break;
		case 'w':
			job.wait = true;
			break;
		case 'h':
			job.hold = true;
			break;
		default:
			fputs(usage, stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind != argc - 1 || job.burst < 1 || job.threads < 1 || job.threads > THREADS_MAX ||
	    (job.type && job.side == SIDE_INHERITED)) {
		fputs(usage, stderr);
		exit(EXIT_USAGE);
	}
	job.count = number(argv[optind]);
}

int main(int argc, char *argv[])
{
	struct sigaction action = {.sa_handler = end};
	uint64_t done;

	parse(argc, argv);
	signal_block(SIGUSR1);
	sigaction(SIGTERM, &action, NULL);
	if (job.side != SIDE_INHERITED)
		open_terminal();
	if (job.wait)
		wait_for_test();
	done = run();
	printf("%d %" PRIu64 "\n", getpid(), done);
	fflush(stdout);
	if (job.hold)
		wait_for_test();
	return 0;
}
