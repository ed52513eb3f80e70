/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Runs the event loop of hb-read, on epoll. */
#ifndef HB_READER_LOOP_H
#define HB_READER_LOOP_H

#include <stdint.h>

struct loop;

/* Handles @events of epoll_wait(2). Returns 0, or -errno to end the loop with it. */
typedef int (*loop_handler)(void *data, uint32_t events);

/** loop_new - returns 0 or -errno, logged */
int loop_new(struct loop **loop);

void loop_free(struct loop *loop);

/**
 * loop_add - call @handler with @data when @fd has one of @events
 * Returns a source number (>= 0) for loop_modify() and loop_remove(), or -errno, not logged. The
 * caller keeps @fd.
 */
int loop_add(struct loop *loop, int fd, uint32_t events, loop_handler handler, void *data);

int loop_modify(struct loop *loop, int source, uint32_t events);

void loop_remove(struct loop *loop, int source);

/**
 * loop_add_timer - call @handler every @interval_ns nanoseconds, first after @first_ns
 * Returns like loop_add(). With @interval_ns 0 the timer fires once, with @first_ns 0 never.
 */
int loop_add_timer(struct loop *loop, uint64_t first_ns, uint64_t interval_ns, loop_handler handler,
		   void *data);

/** loop_set_timer - rearm a timer; the times are those of loop_add_timer() */
int loop_set_timer(struct loop *loop, int source, uint64_t first_ns, uint64_t interval_ns);

/** loop_stop - make loop_run() return 0 after the current handler */
void loop_stop(struct loop *loop);

/** loop_run - returns 0 after loop_stop(), or the first handler's -errno */
int loop_run(struct loop *loop);

#endif
