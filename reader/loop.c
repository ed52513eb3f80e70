// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bpf/lib/log.h"
#include "bpf/lib/units.h"
#include "reader/loop.h"

enum { EVENTS_AT_ONCE = 16 };

struct source {
	int fd; /* -EBADF: free */
	bool timer;
	uint32_t generation; /* how often it was used before */
	loop_handler handler;
	void *data;
};

struct loop {
	int epoll;
	bool stopped;
	int count;
	struct source *sources;
};

int loop_new(struct loop **loop)
{
	struct loop *made = calloc(1, sizeof(*made));

	if (!made)
		return log_errno(-ENOMEM, "event loop");
	made->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (made->epoll < 0) {
		free(made);
		return log_errno(-errno, "event loop");
	}
	*loop = made;
	return 0;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	for (int i = 0; i < loop->count; i++) {
		if (loop->sources[i].timer)
			close(loop->sources[i].fd);
	}
	close(loop->epoll);
	free(loop->sources);
	free(loop);
}

/* A source may be reused within one batch of events; its generation drops the stale ones. */
static struct epoll_event event_of(const struct loop *loop, int source, uint32_t events)
{
	struct epoll_event event = {.events = events};

	event.data.u64 = (uint64_t)loop->sources[source].generation << 32 | (uint32_t)source;
	return event;
}

static int free_source(struct loop *loop)
{
	struct source *grown;
	int i;

	for (i = 0; i < loop->count; i++) {
		if (loop->sources[i].fd < 0)
			return i;
	}
	grown = realloc(loop->sources, ((size_t)i + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	grown[i] = (struct source){.fd = -EBADF};
	loop->sources = grown;
	loop->count = i + 1;
	return i;
}

int loop_add(struct loop *loop, int fd, uint32_t events, loop_handler handler, void *data)
{
	struct epoll_event event;
	struct source *source;
	int number = free_source(loop);

	if (number < 0)
		return number;
	source = &loop->sources[number];
	event = event_of(loop, number, events);
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	source->fd = fd;
	source->timer = false;
	source->handler = handler;
	source->data = data;
	return number;
}

int loop_modify(struct loop *loop, int source, uint32_t events)
{
	struct epoll_event event = event_of(loop, source, events);

	if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, loop->sources[source].fd, &event) < 0)
		return -errno;
	return 0;
}

void loop_remove(struct loop *loop, int source)
{
	struct source *removed = &loop->sources[source];

	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, removed->fd, NULL);
	if (removed->timer)
		close(removed->fd);
	removed->fd = -EBADF;
	removed->timer = false;
	removed->generation++;
}

int loop_add_timer(struct loop *loop, uint64_t first_ns, uint64_t interval_ns, loop_handler handler,
		   void *data)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	int source;
	int r;

	if (fd < 0)
		return -errno;
	source = loop_add(loop, fd, EPOLLIN, handler, data);
	if (source < 0) {
		close(fd);
		return source;
	}
	loop->sources[source].timer = true;
	r = loop_set_timer(loop, source, first_ns, interval_ns);
	if (r < 0) {
		loop_remove(loop, source);
		return r;
	}
	return source;
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S),
				 .tv_nsec = (long)(ns % NS_PER_S)};
}

int loop_set_timer(struct loop *loop, int source, uint64_t first_ns, uint64_t interval_ns)
{
	struct itimerspec timer = {
		.it_value = timespec_of(first_ns),
		.it_interval = timespec_of(interval_ns),
	};

	if (timerfd_settime(loop->sources[source].fd, 0, &timer, NULL) < 0)
		return -errno;
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

static int dispatch(struct loop *loop, const struct epoll_event *event)
{
	int index = (int)(uint32_t)event->data.u64;
	const struct source *source = &loop->sources[index];
	uint64_t expirations;

	if (source->fd < 0 || source->generation != event->data.u64 >> 32)
		return 0;
	/* Nothing to read: an earlier handler of this batch has rearmed the timer. */
	if (source->timer && read(source->fd, &expirations, sizeof(expirations)) < 0)
		return 0;
	return source->handler(source->data, event->events);
}

int loop_run(struct loop *loop)
{
	struct epoll_event events[EVENTS_AT_ONCE];

	loop->stopped = false;
	while (!loop->stopped) {
		int n = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE, -1);

		if (n < 0 && errno != EINTR)
			return log_errno(-errno, "event loop");
		for (int i = 0; i < n && !loop->stopped; i++) {
			int r = dispatch(loop, &events[i]);

			if (r < 0)
				return r;
		}
	}
	return 0;
}
