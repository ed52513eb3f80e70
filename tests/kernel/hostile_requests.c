// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Requests that are not what they should be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/kernel/hostile.h"
#include "tests/lib/program.h"

enum { PIPELINED = 500, BIG = 1 << 20 /* of a header */ };

static char answer[ANSWER_MAX];

/* Send one request. With @half, close our side of the connection after it. */
static void request(const char *text, size_t length, bool half)
{
	int fd = client_connect();

	if (fd >= 0) {
		client_send(fd, text, length);
		if (half)
			shutdown(fd, SHUT_WR);
		client_receive(fd, answer, sizeof(answer), PATIENCE_MS);
		client_count_answers(answer);
		close(fd);
	}
	client_pause(PAUSE_MS);
}

void requests_header(void)
{
	static const char start[] = "GET /metrics HTTP/1.1\r\nHost: a\r\nX-Big: ";
	char *big = malloc(BIG + sizeof(start));

	if (!big)
		die("memory");
	memset(big, 'x', BIG + sizeof(start));
	memcpy(big, start, strlen(start));
	while (!client_is_over())
		request(big, BIG + sizeof(start), false);
	free(big);
}

/* Ask for many answers at once. Some clients read what they asked for, others never do. */
void requests_pipeline(void)
{
	static const char one[] = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
	static char many[PIPELINED * sizeof(one)];
	int deaf[8] = {-1, -1, -1, -1, -1, -1, -1, -1};
	size_t length = 0;
	unsigned int turn = 0;

	for (int i = 0; i < PIPELINED; i++)
		length += (size_t)sprintf(many + length, "%s", one);
	while (!client_is_over()) {
		int *fd = &deaf[turn++ % (sizeof(deaf) / sizeof(deaf[0]))];

		if (*fd >= 0)
			close(*fd);
		*fd = client_connect();
		if (*fd >= 0)
			send(*fd, many, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		request(many, strlen(one) * 10, true);
	}
}

struct text {
	const char *text;
	size_t length;
};

#define TEXT(literal)                        \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* Send each text in turn, until time is up. */
static void each(const struct text *texts, size_t count, bool half)
{
	for (size_t i = 0; !client_is_over(); i = (i + 1) % count)
		request(texts[i].text, texts[i].length, half);
}

#define REST " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

void requests_paths(void)
{
	static const struct text texts[] = {
		TEXT("GET /../../../../etc/passwd" REST),
		TEXT("GET /%2e%2e/%2e%2e/etc/passwd" REST),
		TEXT("GET /metrics/../../etc/passwd" REST),
		TEXT("GET //metrics" REST),
		TEXT("GET /metrics%00.html" REST),
		TEXT("GET /%ff%fe%%%" REST),
		TEXT("GET http://example.org/metrics" REST),
		TEXT("GET *" REST),
		TEXT("GET" REST),
		TEXT("GET /activity?cgroup=/../.." REST),
		TEXT("GET /activity?cgroup=%2f..%2f..&pid=1" REST),
		TEXT("GET /activity?pid=1&pid=1&pid=1&pid=1&pid=1&pid=1" REST),
		TEXT("GET /activity?container=%00%00%00%00%00%00%00%00%00%00%00%00" REST),
		TEXT("CONNECT example.org:443" REST),
		TEXT("OPTIONS *" REST),
		TEXT("BREW /metrics" REST),
		TEXT("GET /metrics\r\n\r\n"),
		TEXT("GET /metrics HTTP/9.9\r\nHost: a\r\nConnection: close\r\n\r\n"),
		TEXT("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
		TEXT("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"),
		TEXT("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
		     "Content-Length: 4\r\n\r\nffffffffffffffff\r\n"),
		TEXT("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nno colon\r\n: no name\r\n\r\n"),
		TEXT("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a client of TLS\r\n\r\n"),
		TEXT("\0\0\0\0\0\0\0\0\r\n\r\n"),
	};

	each(texts, sizeof(texts) / sizeof(texts[0]), true);
}

#define ACCEPT(value) \
	TEXT("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept: " value "\r\n\r\n")
#define COMMAS_8   ",,,,,,,,"
#define COMMAS_64  COMMAS_8 COMMAS_8 COMMAS_8 COMMAS_8 COMMAS_8 COMMAS_8 COMMAS_8 COMMAS_8
#define COMMAS_512 COMMAS_64 COMMAS_64 COMMAS_64 COMMAS_64 COMMAS_64 COMMAS_64 COMMAS_64 COMMAS_64

void requests_accepts(void)
{
	static const struct text texts[] = {
		ACCEPT(""),
		ACCEPT(";;;;q"),
		ACCEPT("text/plain;q=9999999999999999999999"),
		ACCEPT("text/plain;q=-1,*/*;q=nan"),
		ACCEPT("\"application/openmetrics-text;version=\""),
		ACCEPT("application/openmetrics-text;version=\"1.0.0\\"),
		ACCEPT("%s%s%n\xff\xfe"),
		ACCEPT(COMMAS_512 COMMAS_512 COMMAS_512 COMMAS_512),
	};

	each(texts, sizeof(texts) / sizeof(texts[0]), false);
}

/* Close our side after half of a request, or none. */
void requests_halves(void)
{
	static const struct text texts[] = {TEXT("GET /metrics HTTP/1.1\r\nHo"), TEXT("")};

	each(texts, sizeof(texts) / sizeof(texts[0]), true);
}

/* Close our side after a whole request, or two, and wait for the server to close its own. */
void requests_wholes(void)
{
	static const struct text texts[] = {
		TEXT("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"),
		TEXT("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
	};

	each(texts, sizeof(texts) / sizeof(texts[0]), true);
}
