// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hostile - what an HTTP server at 127.0.0.1 must bear, and what an honest client gets meanwhile
 *
 *	hostile PORT SECONDS ATTACK
 *
 * Prints what came of it: connections made, answers got, and how many of them grant, refuse (4xx,
 * or 505 for another HTTP) or fail.
 * The attack `none` is an honest scraper, ten times a second, each time with a new connection: it
 * prints its answers, its failures, and how long the answers took, in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	CROWD_IDLE = 1000,
	CROWD_IDLE_MS = 4000,
	CROWD_SLOW = 200,
	CROWD_SLOW_MS = 1000,
	PIPELINED = 500,
	BIG = 1 << 20, /* of a header */
	ANSWER_MAX = 1 << 20,
	ANSWERS_MAX = 100000,
	PAUSE_MS = 20,	    /* between requests of an attacker */
	PATIENCE_MS = 2000, /* of an attacker that waits for an answer */
	SCRAPE_MS = 100,    /* between the starts of two */
	SCRAPE_WAIT_MS = 5000,
	NS_PER_MS = 1000000,
};

static struct sockaddr_in address;
static uint64_t end_at;
static unsigned int connections;
static unsigned int granted;
static unsigned int refused;
static unsigned int failed;

static int die(const char *what)
{
	fprintf(stderr, "hostile: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 * NS_PER_MS + (uint64_t)ts.tv_nsec;
}

static void pause_ms(unsigned int ms)
{
	usleep(ms * 1000);
}

/* Returns the socket, or -1: nobody listens, or the queue is full. */
static int join(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	connections++;
	return fd;
}

/* Send as much as is taken; the server may have hung up. */
static void say(int fd, const char *text, size_t length)
{
	while (length > 0) {
		struct pollfd writable = {.fd = fd, .events = POLLOUT};
		ssize_t sent = send(fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno != EAGAIN)
			return;
		if (sent < 0 && poll(&writable, 1, PATIENCE_MS) <= 0)
			return;
		text += sent > 0 ? sent : 0;
		length -= sent > 0 ? (size_t)sent : 0;
	}
}

/* Read to the end of the connection, or until there was nothing for @wait_ms. */
static size_t hear(int fd, char *text, size_t size, int wait_ms)
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	size_t length = 0;
	ssize_t got;

	while (length < size - 1 && poll(&readable, 1, wait_ms) > 0) {
		got = recv(fd, text + length, size - 1 - length, 0);
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	text[length] = '\0';
	return length;
}

static void count_answers(const char *text)
{
	static const char start[] = "HTTP/1.1 ";

	while ((text = strstr(text, start))) {
		text += strlen(start);
		if (*text == '2')
			granted++;
		else if (*text == '4' || strncmp(text, "505", 3) == 0)
			refused++;
		else
			failed++;
	}
}

/* --- Many connections that do little ------------------------------------------------------------
 */

static bool is_closed(int fd)
{
	struct pollfd any = {.fd = fd, .events = POLLIN};
	char answer[4096];

	if (poll(&any, 1, 0) == 0)
		return false;
	/* Before it closes it may say why. */
	return hear(fd, answer, sizeof(answer), 0) == 0;
}

/* Keep @count connections, and look after each of them every so often: send @text, or open it
 * again. */
static void crowd(int count, unsigned int every_ms, const char *text)
{
	static const char slow[] = "GET /metrics HTTP/1.1\r\nHost: a\r\nX-Slow: ";
	int fds[CROWD_IDLE];

	for (int i = 0; i < count; i++)
		fds[i] = -1;
	while (now() < end_at) {
		uint64_t next = now() + (uint64_t)every_ms * NS_PER_MS;

		for (int i = 0; i < count && now() < end_at; i++) {
			if (fds[i] >= 0 && is_closed(fds[i])) {
				close(fds[i]);
				fds[i] = -1;
			}
			if (fds[i] < 0) {
				fds[i] = join();
				if (fds[i] >= 0 && text)
					say(fds[i], slow, strlen(slow));
			} else if (text) {
				say(fds[i], text, strlen(text));
			}
			/* Spread over that time. */
			usleep(every_ms * 500 / (unsigned int)count);
		}
		while (now() < next && now() < end_at)
			pause_ms(PAUSE_MS);
	}
	for (int i = 0; i < count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void idle(void)
{
	crowd(CROWD_IDLE, CROWD_IDLE_MS, NULL);
}

static void slowloris(void)
{
	crowd(CROWD_SLOW, CROWD_SLOW_MS, "a");
}

/* --- Requests that are not what they should be --------------------------------------------------
 */

static char answer[ANSWER_MAX];

/* @half: close our side for writing behind it */
static void request(const char *text, size_t length, bool half)
{
	int fd = join();

	if (fd >= 0) {
		say(fd, text, length);
		if (half)
			shutdown(fd, SHUT_WR);
		hear(fd, answer, sizeof(answer), PATIENCE_MS);
		count_answers(answer);
		close(fd);
	}
	pause_ms(PAUSE_MS);
}

static void header(void)
{
	static const char start[] = "GET /metrics HTTP/1.1\r\nHost: a\r\nX-Big: ";
	char *big = malloc(BIG + sizeof(start));

	if (!big)
		die("memory");
	memset(big, 'x', BIG + sizeof(start));
	memcpy(big, start, strlen(start));
	while (now() < end_at)
		request(big, BIG + sizeof(start), false);
	free(big);
}

/* Some clients read what they asked for, some never do. */
static void pipeline(void)
{
	static const char one[] = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
	static char many[PIPELINED * sizeof(one)];
	int deaf[8] = {-1, -1, -1, -1, -1, -1, -1, -1};
	size_t length = 0;
	unsigned int turn = 0;

	for (int i = 0; i < PIPELINED; i++)
		length += (size_t)sprintf(many + length, "%s", one);
	while (now() < end_at) {
		int *fd = &deaf[turn++ % (sizeof(deaf) / sizeof(deaf[0]))];

		if (*fd >= 0)
			close(*fd);
		*fd = join();
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

static void each(const struct text *texts, size_t count, bool half)
{
	for (size_t i = 0; now() < end_at; i = (i + 1) % count)
		request(texts[i].text, texts[i].length, half);
}

#define REST " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static void paths(void)
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

static void accepts(void)
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

/* Who closes his side has half of a request, or nothing, behind him; */
static void halves(void)
{
	static const struct text texts[] = {TEXT("GET /metrics HTTP/1.1\r\nHo"), TEXT("")};

	each(texts, sizeof(texts) / sizeof(texts[0]), true);
}

/* or one that is whole, or two, and waits for the server to close its side too. */
static void wholes(void)
{
	static const struct text texts[] = {
		TEXT("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"),
		TEXT("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
	};

	each(texts, sizeof(texts) / sizeof(texts[0]), true);
}

/* --- An honest client ---------------------------------------------------------------------------
 */

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* An answer is whole if it is as long as it says. */
static bool is_whole(const char *text, size_t length)
{
	const char *body = strstr(text, "\r\n\r\n");
	const char *says = strcasestr(text, "\r\nContent-Length: ");

	return strncmp(text, "HTTP/1.1 200 ", 13) == 0 && body && says && says < body &&
	       length - (size_t)(body + 4 - text) == strtoul(says + 18, NULL, 10);
}

static void scrape(void)
{
	static const char ask[] = "GET /metrics" REST;
	static uint64_t took_us[ANSWERS_MAX];
	size_t count = 0;

	while (now() < end_at && count < ANSWERS_MAX) {
		uint64_t start = now();
		size_t length = 0;
		int fd = join();

		if (fd >= 0) {
			say(fd, ask, strlen(ask));
			length = hear(fd, answer, sizeof(answer), SCRAPE_WAIT_MS);
			close(fd);
		}
		if (fd >= 0 && is_whole(answer, length))
			took_us[count++] = (now() - start) / 1000;
		else
			failed++;
		while (now() < start + (uint64_t)SCRAPE_MS * NS_PER_MS)
			pause_ms(1);
	}
	qsort(took_us, count, sizeof(took_us[0]), compare);
	printf("answers=%zu failed=%u median=%llu most=%llu longest=%llu\n", count, failed,
	       count ? (unsigned long long)took_us[count / 2] : 0,
	       count ? (unsigned long long)took_us[count - 1 - count / 20] : 0,
	       count ? (unsigned long long)took_us[count - 1] : 0);
}

/* ------------------------------------------------------------------------------------------------
 */

static const struct {
	const char *name;
	void (*run)(void);
} attacks[] = {
	{"idle", idle},	  {"slowloris", slowloris}, {"header", header}, {"pipeline", pipeline},
	{"paths", paths}, {"accepts", accepts},	    {"halves", halves}, {"wholes", wholes},
};

static void allow_many_files(void)
{
	struct rlimit limit = {.rlim_cur = CROWD_IDLE + 100, .rlim_max = CROWD_IDLE + 100};

	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("limit of open files");
}

int main(int argc, char *argv[])
{
	if (argc != 4) {
		fputs("usage: hostile PORT SECONDS ATTACK\n", stderr);
		return 2;
	}
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons((in_port_t)atoi(argv[1]));
	end_at = now() + strtoull(argv[2], NULL, 10) * 1000 * NS_PER_MS;
	if (strcmp(argv[3], "none") == 0) {
		scrape();
		return 0;
	}
	allow_many_files();
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (strcmp(attacks[i].name, argv[3]) != 0)
			continue;
		attacks[i].run();
		printf("connections=%u answers=%u granted=%u refused=%u failed=%u\n", connections,
		       granted + refused + failed, granted, refused, failed);
		return 0;
	}
	fprintf(stderr, "hostile: no attack %s\n", argv[3]);
	return 2;
}
