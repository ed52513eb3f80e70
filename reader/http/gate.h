/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Accepts the clients of the self socket, finds out who they are, and turns away those who come too often.
 *
 * Anybody may connect, from every container. So clients are accepted in small batches with pauses, and
 * each workspace has a budget of connections, on each of which it gets one answer. What one of them does
 * costs the others, and the other sockets, next to nothing.
 */
#ifndef HB_READER_GATE_H
#define HB_READER_GATE_H

#include <stddef.h>
#include <stdint.h>

#include "reader/http/self.h"
#include "reader/loop.h"
#include "reader/maps/peers.h"

enum {
	GATE_BATCH = 32,   /* clients that are accepted at a time */
	GATE_PAUSE_MS = 3, /* after a full batch */
	GATE_BURST = 20,   /* connections that a workspace may make at once, */
	GATE_RATE = 5,	   /* and per second in the long run */
	GATE_BUDGETS = 256,
};

/* Accepts the clients that have arrived, gate.arrived. Returns 0 or -errno, which ends the loop. */
typedef int (*gate_handler)(void *data);

/* A client, and who it is. */
struct arrival {
	int fd;
	uint64_t cgroup_id; /* when it connected; 0: unknown */
	uint64_t outermost; /* as in struct home; 0: unknown, or in no workspace */
};

struct budget {
	uint64_t owner;
	uint64_t full_at; /* boot time */
};

struct gate {
	/* To be set before the start: */
	struct loop *loop;
	struct self *self;
	gate_handler handler;
	void *data;
	/* For the handler, which takes over the descriptors: */
	struct arrival arrived[GATE_BATCH];
	size_t count;
	/* Private: */
	int fd;
	int source;
	int timer;
	int away[GATE_BATCH]; /* clients that were turned away */
	size_t away_count;
	struct budget budgets[GATE_BUDGETS];
};

/** gate_start - accept clients of the listening socket @fd, and take it over. Returns 0 or -errno, logged */
int gate_start(struct gate *gate, int fd);

void gate_stop(struct gate *gate);

/** gate_find - the client of descriptor @fd that has just arrived, or NULL */
const struct arrival *gate_find(const struct gate *gate, int fd);

/**
 * gate_afford - take a connection at boot time @now from the budget of @owner
 * Returns false if nothing is left of it.
 */
bool gate_afford(struct gate *gate, uint64_t owner, uint64_t now);

#endif
