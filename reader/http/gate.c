// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "bpf/lib/units.h"
#include "reader/http/gate.h"

/* A pause when no more clients can be accepted, for lack of descriptors or memory. */
static const uint64_t pause_exhausted = NS_PER_S / 10;

/* What a client that is turned away has for reading why. */
static const uint64_t farewell = NS_PER_S / 10;

#define TOO_OFTEN "{\"v\":1,\"type\":\"error\",\"error\":\"this workspace asks too often\"}\n"

static void close_away(struct gate *gate)
{
	while (gate->away_count > 0)
		close(gate->away[--gate->away_count]);
}

/*
 * Answer without reading the request, which costs little. To end the connection at once would be an
 * error for a client that is still busy with it.
 */
static int turn_away(struct gate *gate, int fd)
{
	static const char answer[] = "HTTP/1.1 429 Too Many Requests\r\n"
				     "Content-Type: application/json\r\n"
				     "Content-Length: 63\r\n"
				     "Retry-After: 1\r\n"
				     "Connection: close\r\n\r\n" TOO_OFTEN;

	_Static_assert(sizeof(TOO_OFTEN) - 1 == 63, "Content-Length");
	if (send(fd, answer, sizeof(answer) - 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		close(fd);
		return 0;
	}
	shutdown(fd, SHUT_WR);
	if (gate->away_count == GATE_BATCH)
		close_away(gate);
	gate->away[gate->away_count++] = fd;
	return loop_set_timer(gate->loop, gate->timer, farewell, 0);
}

/* The budget of @owner, or one to give it: that which is full soonest. */
static struct budget *find_budget(struct gate *gate, uint64_t owner)
{
	struct budget *found = &gate->budgets[0];

	for (size_t i = 0; i < GATE_BUDGETS; i++) {
		struct budget *budget = &gate->budgets[i];

		if (budget->owner == owner)
			return budget;
		if (budget->full_at < found->full_at)
			found = budget;
	}
	*found = (struct budget){.owner = owner};
	return found;
}

bool gate_afford(struct gate *gate, uint64_t owner, uint64_t now)
{
	const uint64_t each = NS_PER_S / GATE_RATE;
	struct budget *budget = find_budget(gate, owner);

	if (budget->full_at < now)
		budget->full_at = now;
	if (budget->full_at - now > (GATE_BURST - 1) * each)
		return false;
	budget->full_at += each;
	return true;
}

static int pause_for(struct gate *gate, uint64_t ns)
{
	int r = loop_modify(gate->loop, gate->source, 0);

	return r < 0 ? r : loop_set_timer(gate->loop, gate->timer, ns, 0);
}

static int on_timer(void *data, uint32_t events)
{
	struct gate *gate = data;

	(void)events;
	close_away(gate);
	return loop_modify(gate->loop, gate->source, EPOLLIN);
}

/* Returns how long to pause then, in nanoseconds. */
static uint64_t accept_batch(struct gate *gate, struct peer peers[GATE_BATCH], size_t *count)
{
	for (*count = 0; *count < GATE_BATCH;) {
		int fd = accept4(gate->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			peers[(*count)++].fd = fd;
		else if (errno == EAGAIN)
			return 0;
		else if (errno != EINTR && errno != ECONNABORTED)
			return pause_exhausted;
	}
	return GATE_PAUSE_MS * NS_PER_MS;
}

static int admit(struct gate *gate, const struct peer *peer, uint64_t now)
{
	struct home home = {.kind = HOME_NONE};

	if (peer->cgroup_id != 0)
		self_find(gate->self, peer->cgroup_id, &home);
	if (!gate_afford(gate, home.outermost, now))
		return turn_away(gate, peer->fd);
	gate->arrived[gate->count++] = (struct arrival){
		.fd = peer->fd,
		.cgroup_id = peer->cgroup_id,
		.outermost = home.outermost,
	};
	return 0;
}

static int on_clients(void *data, uint32_t events)
{
	struct gate *gate = data;
	struct peer peers[GATE_BATCH];
	uint64_t now = clock_boot_ns();
	uint64_t pause;
	size_t count;
	int r = 0;

	(void)events;
	pause = accept_batch(gate, peers, &count);
	/* That nobody knows them is for the answer to say. */
	if (count > 0)
		peers_find(gate->self->source->pin_dir, peers, count);
	gate->count = 0;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = admit(gate, &peers[i], now);
	if (r == 0)
		r = gate->handler(gate->data);
	return r == 0 && pause > 0 ? pause_for(gate, pause) : r;
}

const struct arrival *gate_find(const struct gate *gate, int fd)
{
	for (size_t i = 0; i < gate->count; i++) {
		if (gate->arrived[i].fd == fd)
			return &gate->arrived[i];
	}
	return NULL;
}

void gate_stop(struct gate *gate)
{
	if (gate->source >= 0)
		loop_remove(gate->loop, gate->source);
	if (gate->timer >= 0)
		loop_remove(gate->loop, gate->timer);
	close_away(gate);
	close(gate->fd);
}

int gate_start(struct gate *gate, int fd)
{
	int r;

	gate->fd = fd;
	gate->source = loop_add(gate->loop, fd, EPOLLIN, on_clients, gate);
	gate->timer = loop_add_timer(gate->loop, 0, 0, on_timer, gate);
	r = gate->source < 0 ? gate->source : gate->timer;
	if (r >= 0)
		return 0;
	gate_stop(gate);
	return log_errno(r, "self socket");
}
