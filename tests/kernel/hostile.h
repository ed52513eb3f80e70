/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the attacks of hostile.c, and its honest client, have in common. */
#ifndef HB_TESTS_HOSTILE_H
#define HB_TESTS_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CROWD_IDLE = 1000, /* connections */
	CROWD_SLOW = 200,
	ANSWER_MAX = 1 << 20, /* bytes */
	PAUSE_MS = 20,	      /* between requests of an attacker */
	PATIENCE_MS = 2000,   /* how long an attacker waits for an answer */
};

/* What came of the attack. */
struct hostile_counts {
	unsigned int connections;
	unsigned int granted;
	unsigned int refused; /* 4xx, or 505 for another version of HTTP */
	unsigned int failed;
};

extern struct hostile_counts hostile_counts;

/* --- Clients: hostile_client.c ------------------------------------------------------------- */

/** client_start - all clients go to @where, see hostile.c, and stop after so many seconds */
void client_start(const char *where, uint64_t seconds);

/** client_is_self - they ask a unix socket about themselves, which serves no metrics */
bool client_is_self(void);

/** client_is_over - it is time to stop */
bool client_is_over(void);

/** client_pause - sleep */
void client_pause(unsigned int ms);

/** client_connect - returns the socket, or -1 if nobody listens or the queue is full */
int client_connect(void);

/** client_send - send as much as the server takes before it hangs up */
void client_send(int fd, const char *text, size_t length);

/** client_receive - read until the connection ends, or nothing arrives for @wait_ms */
size_t client_receive(int fd, char *text, size_t size, int wait_ms);

/** client_count_answers - count the answers in @text by kind */
void client_count_answers(const char *text);

/* --- Attacks with many connections: hostile_crowd.c ---------------------------------------- */

void crowd_idle(void);
void crowd_flood(void);
void crowd_slowloris(void);

/* --- Attacks with bad requests: hostile_requests.c ----------------------------------------- */

void requests_header(void);
void requests_pipeline(void);
void requests_paths(void);
void requests_accepts(void);
void requests_halves(void);
void requests_wholes(void);

/* --- No attack: hostile_honest.c ----------------------------------------------------------- */

/**
 * honest_scrape - fetch /metrics ten times per second, each time with a new connection
 * Of a unix socket fetch /activity once per second.
 */
void honest_scrape(void);

#endif
