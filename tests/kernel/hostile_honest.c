// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* An honest client, which measures how long its answers take. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/lib/units.h"
#include "tests/kernel/hostile.h"
#include "tests/lib/timing.h"

enum {
	SCRAPE_EVERY_MS = 100,
	SELF_EVERY_MS = 1000,
	SCRAPE_WAIT_MS = 5000,
	ANSWERS_MAX = 100000,
};

static char answer[ANSWER_MAX];

/* An answer is whole if it is as long as it says. */
static bool is_whole(const char *text, size_t length)
{
	const char *body = strstr(text, "\r\n\r\n");
	const char *says = strcasestr(text, "\r\nContent-Length: ");

	return strncmp(text, "HTTP/1.1 200 ", 13) == 0 && body && says && says < body &&
	       length - (size_t)(body + 4 - text) == strtoul(says + 18, NULL, 10);
}

void honest_scrape(void)
{
	static const char metrics[] =
		"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
	static const char activity[] = "GET /activity HTTP/1.1\r\nHost: a\r\n\r\n";
	const char *ask = client_is_self() ? activity : metrics;
	const uint64_t every_ms = client_is_self() ? SELF_EVERY_MS : SCRAPE_EVERY_MS;
	static int64_t took_us[ANSWERS_MAX];
	size_t count = 0;

	while (!client_is_over() && count < ANSWERS_MAX) {
		uint64_t start = time_now(CLOCK_MONOTONIC);
		size_t length = 0;
		int fd = client_connect();

		if (fd >= 0) {
			client_send(fd, ask, strlen(ask));
			length = client_receive(fd, answer, sizeof(answer), SCRAPE_WAIT_MS);
			close(fd);
		}
		if (fd >= 0 && is_whole(answer, length))
			took_us[count++] =
				(int64_t)((time_now(CLOCK_MONOTONIC) - start) / NS_PER_US);
		else
			hostile_counts.failed++;
		while (time_now(CLOCK_MONOTONIC) < start + every_ms * NS_PER_MS)
			client_pause(1);
	}
	time_sort(took_us, count);
	printf("answers=%zu failed=%u median=%" PRId64 " most=%" PRId64 " longest=%" PRId64 "\n",
	       count, hostile_counts.failed, count ? took_us[count / 2] : 0,
	       count ? took_us[count - 1 - count / 20] : 0, count ? took_us[count - 1] : 0);
}
