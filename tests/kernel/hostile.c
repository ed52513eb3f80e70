// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hostile - attack an HTTP server at 127.0.0.1, or measure what an honest client gets meanwhile
 *
 *	hostile PORT SECONDS ATTACK
 *	hostile SOCKET SECONDS ATTACK	the server at a unix socket, whose path has a slash
 *
 * Prints how many connections it made, how many answers it got, and how many of these grant, refuse
 * (4xx, or 505 for another version of HTTP) or fail.
 * The attack `none` is an honest scraper. It prints its answers, its failures, and how long the
 * answers took, in microseconds.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/kernel/hostile.h"
#include "tests/lib/program.h"

struct hostile_counts hostile_counts;

static const struct {
	const char *name;
	void (*run)(void);
} attacks[] = {
	{"idle", crowd_idle},	     {"slowloris", crowd_slowloris},
	{"header", requests_header}, {"pipeline", requests_pipeline},
	{"paths", requests_paths},   {"accepts", requests_accepts},
	{"halves", requests_halves}, {"wholes", requests_wholes},
	{"flood", crowd_flood},
};

static void allow_many_files(void)
{
	struct rlimit limit = {.rlim_cur = CROWD_IDLE + 100, .rlim_max = CROWD_IDLE + 100};

	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("limit of open files");
}

static void print_counts(const struct hostile_counts *counts)
{
	printf("connections=%u answers=%u granted=%u refused=%u failed=%u\n", counts->connections,
	       counts->granted + counts->refused + counts->failed, counts->granted, counts->refused,
	       counts->failed);
}

int main(int argc, char *argv[])
{
	if (argc != 4) {
		fputs("usage: hostile PORT|SOCKET SECONDS ATTACK\n", stderr);
		return EXIT_USAGE;
	}
	client_start(argv[1], number(argv[2]));
	if (strcmp(argv[3], "none") == 0) {
		honest_scrape();
		return 0;
	}
	allow_many_files();
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (strcmp(attacks[i].name, argv[3]) != 0)
			continue;
		attacks[i].run();
		print_counts(&hostile_counts);
		return 0;
	}
	fprintf(stderr, "hostile: there is no attack '%s'\n", argv[3]);
	return EXIT_USAGE;
}
