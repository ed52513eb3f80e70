// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * arrivals - the end of the pipe: count the lines that arrive, and note when
 *
 *	arrivals STATE [TIMES]		run until standard input ends: keep the count of lines and the
 *					time of the first in STATE, and write the time of each to
 *					TIMES: 64 bits, CLOCK_REALTIME, ns
 *	arrivals --show STATE		print both
 *	arrivals --delays SENT TIMES	print the median and the 99th percentile, in microseconds, from
 *					the times in SENT to the last ones in TIMES
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/lib/units.h"
#include "tests/lib/program.h"
#include "tests/lib/timing.h"

enum { BUFFER_SIZE = 1 << 20 };

/* A file that is mapped into memory, so that --show does not disturb the count. */
struct state {
	uint64_t lines;
	uint64_t first; /* time */
};

static struct state *map_state(const char *path, int flags)
{
	int fd = open(path, flags | O_RDWR | O_CLOEXEC, 0600);
	void *state;

	if (fd < 0 || ftruncate(fd, sizeof(struct state)) < 0)
		die(path);
	state = mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (state == MAP_FAILED)
		die(path);
	close(fd);
	return state;
}

static uint64_t count_lines(const char *text, size_t length)
{
	const char *end = text + length;
	uint64_t count = 0;

	while ((text = memchr(text, '\n', (size_t)(end - text))) != NULL) {
		count++;
		text++;
	}
	return count;
}

static int count(struct state *state, const char *times)
{
	static char buffer[BUFFER_SIZE];
	int file = times ? open(times, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	ssize_t length;

	if (times && file < 0)
		die(times);
	while ((length = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0) {
		uint64_t time = time_now(CLOCK_REALTIME);
		uint64_t lines = count_lines(buffer, (size_t)length);

		if (state->first == 0 && lines > 0)
			state->first = time;
		for (uint64_t i = 0; times && i < lines; i++) {
			if (write(file, &time, sizeof(time)) != (ssize_t)sizeof(time))
				die(times);
		}
		state->lines += lines;
	}
	if (length < 0)
		die("standard input");
	return 0;
}

static int64_t *load_times(const char *path, size_t *lines)
{
	FILE *file = fopen(path, "re");
	int64_t *times;
	long size = 0;

	if (!file || fseek(file, 0, SEEK_END) < 0 || (size = ftell(file)) < 0)
		die(path);
	rewind(file);
	*lines = (size_t)size / sizeof(*times);
	times = calloc(*lines + 1, sizeof(*times));
	if (!times || fread(times, sizeof(*times), *lines, file) != *lines)
		die(path);
	fclose(file);
	return times;
}

static int print_delays(const char *sent_path, const char *got_path)
{
	size_t lines;
	size_t arrived;
	size_t middle;
	size_t high;
	int64_t *sent = load_times(sent_path, &lines);
	int64_t *got = load_times(got_path, &arrived);

	if (arrived < lines || lines == 0) {
		fprintf(stderr, "arrivals: only %zu of %zu lines arrived\n", arrived, lines);
		return 1;
	}
	for (size_t i = 0; i < lines; i++)
		sent[i] = got[arrived - lines + i] - sent[i];
	time_sort(sent, lines);
	middle = lines / 2;
	high = lines * 99 / 100;
	printf("%.0f %.0f\n", (double)sent[middle] / NS_PER_US, (double)sent[high] / NS_PER_US);
	free(sent);
	free(got);
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 3 && strcmp(argv[1], "--show") == 0) {
		const struct state *state = map_state(argv[2], 0);

		printf("%" PRIu64 " %" PRIu64 "\n", state->lines, state->first);
		return 0;
	}
	if (argc == 4 && strcmp(argv[1], "--delays") == 0)
		return print_delays(argv[2], argv[3]);
	if (argc == 2 || (argc == 3 && argv[1][0] != '-'))
		return count(map_state(argv[1], O_CREAT | O_TRUNC), argc > 2 ? argv[2] : NULL);
	fputs("usage: arrivals STATE [TIMES] | --show STATE | --delays SENT TIMES\n", stderr);
	return EXIT_USAGE;
}
