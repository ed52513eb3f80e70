// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * beater - make a known number of read(2) calls, and say how many
 *
 * The tests copy it under a name that is listed, or not, with hb-load --programs. On standard
 * output it prints `ready PID` with --wait or --hold, and in the end `PID READS`.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_S = 1000000000, SPIN_BELOW_NS = 200000, THREADS_MAX = 64 };

enum side {
	SIDE_INHERITED, /* what the descriptor is already */
	SIDE_TERMINAL,	/* a new terminal */
	SIDE_MASTER,	/* the other end of one */
};

struct job {
	int descriptor;
	enum side side;
	int other; /* the end that is not read, or -1 */
	bool type; /* a byte comes before each read */
	bool wait;
	bool hold;
	bool in_thread;
	unsigned int threads;
	uint64_t count; /* of reads by each thread; 0: until SIGTERM */
	uint64_t pace_ns;
	uint64_t burst; /* reads at each pace */
};

static struct job job = {.other = -1};
static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static int die(const char *what)
{
	fprintf(stderr, "beater: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* A sleep takes some 60 us more than it was asked for, so short waits spin. */
static void wait_until(uint64_t when)
{
	struct timespec ts = {.tv_sec = (time_t)(when / NS_PER_S),
			      .tv_nsec = (long)(when % NS_PER_S)};

	if (job.pace_ns > SPIN_BELOW_NS)
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	while (!ended && now() < when)
		;
}

static void *reads(void *data)
{
	uint64_t *done = data;
	uint64_t next = now();
	char byte;

	while (!ended && (job.count == 0 || *done < job.count)) {
		if (job.pace_ns > 0 && *done % job.burst == 0) {
			wait_until(next);
			next += job.pace_ns;
		}
		if (job.type && write(job.other, "k", 1) != 1)
			die("write");
		if (read(job.descriptor, &byte, 1) < 0 && errno != EAGAIN)
			die("read");
		(*done)++;
	}
	return NULL;
}

/* Put an end of a new pseudo-terminal at the descriptor; the other one is for typing. */
static void open_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	struct termios raw;
	int terminal;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		die("pseudo-terminal");
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (terminal < 0 || tcgetattr(terminal, &raw) < 0)
		die("terminal");
	cfmakeraw(&raw);
	if (tcsetattr(terminal, TCSANOW, &raw) < 0)
		die("terminal");
	/* Out of the way of the descriptor that is asked for. */
	master = fcntl(master, F_DUPFD, 100);
	terminal = fcntl(terminal, F_DUPFD, 100);
	if (dup2(job.side == SIDE_MASTER ? master : terminal, job.descriptor) < 0 ||
	    fcntl(job.descriptor, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		die("descriptor");
	job.other = job.side == SIDE_MASTER ? terminal : master;
}

static void wait_for_signal(void)
{
	sigset_t set;
	int signal;

	printf("ready %d\n", getpid());
	fflush(stdout);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigwait(&set, &signal);
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

static const char usage[] = "usage: beater [OPTION]... COUNT\n"
			    "Read one byte COUNT times; 0: until SIGTERM.\n"
			    "  --fd N         from descriptor N, not 0\n"
			    "  --terminal     a new pseudo-terminal is put there, non-blocking\n"
			    "  --master       the master side of one is\n"
			    "  --type         with either: a byte is there for each read\n"
			    "  --pace-us N    one read each N microseconds\n"
			    "  --burst N      with it: N reads in their place\n"
			    "  --thread       in a thread that is not the leader\n"
			    "  --threads N    in N such threads over all CPUs, COUNT times each\n"
			    "  --wait         print `ready PID`, start at SIGUSR1\n"
			    "  --hold         after the reads print `PID READS`, end at SIGUSR1\n";

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

	job.threads = 1;
	job.burst = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'f':
			job.descriptor = atoi(optarg);
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
			job.pace_ns = strtoull(optarg, NULL, 10) * 1000;
			break;
		case 'b':
			job.burst = strtoull(optarg, NULL, 10);
			break;
		case 'N':
			job.threads = (unsigned int)atoi(optarg);
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
			exit(2);
		}
	}
	if (optind != argc - 1 || job.burst < 1 || job.threads < 1 || job.threads > THREADS_MAX ||
	    (job.type && job.side == SIDE_INHERITED)) {
		fputs(usage, stderr);
		exit(2);
	}
	job.count = strtoull(argv[optind], NULL, 10);
}

int main(int argc, char *argv[])
{
	struct sigaction action = {.sa_handler = end};
	sigset_t start;
	uint64_t done;

	parse(argc, argv);
	sigemptyset(&start);
	sigaddset(&start, SIGUSR1);
	sigprocmask(SIG_BLOCK, &start, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (job.side != SIDE_INHERITED)
		open_terminal();
	if (job.wait)
		wait_for_signal();
	done = run();
	printf("%d %llu\n", getpid(), (unsigned long long)done);
	fflush(stdout);
	if (job.hold)
		wait_for_signal();
	return 0;
}
