// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * storm - do one thing that makes the kernel's records change, as often as it goes, until SIGTERM
 *
 *	storm threads GROUP GROUP	threads in two threaded groups read descriptor 0 in turn
 *	storm removals GROUP		make and remove groups below GROUP
 *	storm moves GROUP GROUP		move itself between two groups
 *	storm renames NAME NAME		take two names in turn
 *	storm execs PROGRAM...		run each PROGRAM in turn
 *	storm forks			fork children that end at once
 *
 * or one thing once:
 *
 *	storm fill GROUP NUMBER		make groups below GROUP, and keep them
 *	storm empty GROUP		remove all groups below GROUP
 *	storm orphan			end the first thread; another one types and reads keys
 *
 * Prints `ready PID` once it has begun, and at the end how often it did it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf/lib/units.h"
#include "tests/lib/program.h"
#include "tests/lib/terminal.h"
#include "tests/lib/timing.h"

enum { THREADS = 7 };

static volatile sig_atomic_t ended;
static uint64_t done;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static void ready(void)
{
	printf("ready %d\n", getpid());
	fflush(stdout);
}

static void write_to(const char *directory, const char *file, long number_)
{
	char path[4096];
	char text[32];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	snprintf(text, sizeof(text), "%ld", number_);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static void *read_in(void *group)
{
	char byte;

	write_to(group, "cgroup.threads", syscall(SYS_gettid));
	while (!ended) {
		if (read(STDIN_FILENO, &byte, 1) < 0 && errno != EINTR)
			die("read");
		__atomic_fetch_add(&done, 1, __ATOMIC_RELAXED);
		sched_yield();
	}
	return NULL;
}

static void run_threads(char *groups[])
{
	pthread_t threads[THREADS];

	ready();
	for (int i = 0; i < THREADS; i++) {
		errno = pthread_create(&threads[i], NULL, read_in, groups[i % 2]);
		if (errno != 0)
			die("thread");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void run_removals(char *groups[])
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/storm.%d", groups[0], getpid());
	ready();
	for (; !ended; done++) {
		if (mkdir(path, 0755) < 0 || rmdir(path) < 0)
			die(path);
	}
}

static void run_moves(char *groups[])
{
	ready();
	for (; !ended; done++)
		write_to(groups[done % 2], "cgroup.procs", 0);
}

static void run_renames(char *names[])
{
	ready();
	for (; !ended; done++)
		prctl(PR_SET_NAME, names[done % 2]);
}

static void run_execs(char *programs[])
{
	char *const none[] = {NULL};
	size_t count = 0;
	pid_t pid;

	do {
		count++;
	} while (programs[count]);
	ready();
	for (; !ended; done++) {
		char *const arguments[] = {programs[done % count], (char *)"--terminal",
					   (char *)"--type", (char *)"1", NULL};

		errno = posix_spawn(&pid, arguments[0], NULL, NULL, arguments, none);
		if (errno != 0)
			die(arguments[0]);
		waitpid(pid, NULL, 0);
	}
}

static void run_forks(char *none[])
{
	(void)none;
	ready();
	for (; !ended; done++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
}

static void run_fill(char *arguments[])
{
	uint64_t count = number(arguments[1]);
	char path[4096];

	for (; done < count && !ended; done++) {
		snprintf(path, sizeof(path), "%s/%" PRIu64, arguments[0], done);
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			die(path);
	}
	ready();
}

static void run_sleepers(char *arguments[])
{
	uint64_t count = number(arguments[1]);
	int status;

	/* A process group of its own: signals go to all of it. */
	if (setpgid(0, 0) < 0)
		die("process group");
	prctl(PR_SET_NAME, arguments[0]);
	for (; done < count && !ended; done++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			signal(SIGTERM, SIG_DFL);
			pause();
			_exit(0);
		}
	}
	ready();
	while (!ended)
		pause();
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(&status) > 0)
		;
}

/* Without recursion and long paths: go down as far as it goes, and come up again. */
static void run_empty(char *arguments[])
{
	uint64_t depth = 0;

	if (chdir(arguments[0]) < 0)
		die(arguments[0]);
	for (;;) {
		struct dirent *entry;
		bool down = false;
		DIR *dir = opendir(".");

		while (dir && (entry = readdir(dir))) {
			if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
				continue;
			if (rmdir(entry->d_name) == 0) {
				done++;
			} else if (chdir(entry->d_name) == 0) {
				down = true;
				break;
			}
		}
		if (dir)
			closedir(dir);
		if (down) {
			depth++;
			continue;
		}
		if (depth == 0)
			break;
		if (chdir("..") < 0)
			die("..");
		depth--;
	}
}

static void *type_alone(void *unused)
{
	uint64_t next = time_now(CLOCK_MONOTONIC);
	int terminal;
	int master;
	char byte;

	(void)unused;
	terminal_open(&master, &terminal);
	terminal_set(terminal, true);
	if (dup2(terminal, STDIN_FILENO) < 0)
		die("descriptor");
	/* The first thread needs a moment to end. */
	usleep(100000);
	ready();
	/* Until SIGUSR1 nothing is typed. */
	signal_wait(SIGUSR1);
	while (!ended) {
		if (write(master, "k", 1) != 1 || read(STDIN_FILENO, &byte, 1) != 1)
			die("key");
		done++;
		next += NS_PER_S / 10;
		time_sleep_until(next);
	}
	printf("%" PRIu64 "\n", done);
	exit(0);
}

static void run_orphan(char *none[])
{
	pthread_t thread;

	(void)none;
	signal_block(SIGUSR1);
	errno = pthread_create(&thread, NULL, type_alone, NULL);
	if (errno != 0)
		die("thread");
	pthread_exit(NULL);
}

int main(int argc, char *argv[])
{
	static const struct {
		const char *name;
		int arguments; /* at least */
		void (*run)(char *arguments[]);
	} kinds[] = {
		{"threads", 2, run_threads}, {"removals", 1, run_removals},
		{"moves", 2, run_moves},     {"renames", 2, run_renames},
		{"execs", 1, run_execs},     {"forks", 0, run_forks},
		{"fill", 2, run_fill},	     {"empty", 1, run_empty},
		{"orphan", 0, run_orphan},   {"sleepers", 2, run_sleepers},
	};
	struct sigaction action = {.sa_handler = end};

	sigaction(SIGTERM, &action, NULL);
	for (size_t i = 0; argc > 1 && i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(argv[1], kinds[i].name) != 0 || argc - 2 < kinds[i].arguments)
			continue;
		kinds[i].run(argv + 2);
		printf("%" PRIu64 "\n", done);
		return 0;
	}
	fputs("usage: storm KIND [ARGUMENT]...\n", stderr);
	return EXIT_USAGE;
}
