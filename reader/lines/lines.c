// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "bpf/lib/units.h"
#include "reader/lines/beat_format.h"
#include "reader/lines/beat_source.h"
#include "reader/lines/lines.h"
#include "reader/lines/losses.h"
#include "reader/lines/output.h"
#include "reader/lines/pending.h"

/* Beats this close to each other are a stream. */
static const uint64_t stream_ns = NS_PER_MS;
/* How long to let the beats of a stream collect. */
static const uint64_t linger_ns = 200 * NS_PER_US;
/* Unread beats of a killed reader are printed if they are not older. */
static const uint64_t adopt_ns = 60 * NS_PER_S;
/* How long standard output has to take the last lines. */
static const uint64_t grace_ns = NS_PER_S;

/* After this many, let the loop handle its other sources. */
enum { BATCHES_AT_ONCE = 64 };

/* What the pump waits for. */
enum wait {
	WAIT_RING,
	WAIT_LINGER,
	WAIT_OUTPUT,
};

struct lines {
	struct loop *loop;
	struct slots *slots;
	struct slot slot;
	struct output output;
	struct beat_sources *sources; /* NULL: text */
	struct losses losses;

	enum wait wait;
	int ring_source;
	int output_source; /* -EPERM: always writable, like a file */
	int linger_timer;

	uint64_t stale_before; /* beats older than this are not printed */
	uint64_t last_beats;   /* boot time at which there were some */

	bool disturbed; /* by somebody, and that was said */
	bool ending;
	bool over;	    /* everything is printed, or nobody reads it */
	bool closed;	    /* standard output is */
	bool failed;	    /* to write to standard output: another reader should take over */
	unsigned long end;  /* of the ring when the end began */
	unsigned long done; /* ring position up to which all lines are written */

	size_t line_length; /* of a line that did not fit into `pending`; 0: none */
	char line[BEAT_FORMAT_LINE_MAX];
	struct pending pending;
};

static int wait_for(struct lines *lines, enum wait wait)
{
	int r = 0;

	if (wait == WAIT_LINGER)
		r = loop_set_timer(lines->loop, lines->linger_timer, linger_ns, 0);
	if (r == 0 && (wait == WAIT_RING) != (lines->wait == WAIT_RING))
		r = loop_modify(lines->loop, lines->ring_source, wait == WAIT_RING ? EPOLLIN : 0);
	if (r == 0 && (wait == WAIT_OUTPUT) != (lines->wait == WAIT_OUTPUT))
		r = loop_modify(lines->loop, lines->output_source,
				wait == WAIT_OUTPUT ? EPOLLOUT : 0);
	lines->wait = wait;
	return r < 0 ? log_errno(r, "event loop") : 0;
}

static void finish(struct lines *lines)
{
	lines->over = true;
	loop_stop(lines->loop);
}

/* Nobody reads the lines any more, which is no error. */
static int finish_closed(struct lines *lines)
{
	lines->closed = true;
	finish(lines);
	return 0;
}

/* Text has no line for losses. */
static bool has_losses_to_print(const struct lines *lines)
{
	return lines->sources && lines->losses.unprinted > 0;
}

/* Format the next beat. Returns whether there was one. */
static bool make_line(struct lines *lines, uint64_t offset, bool *busy)
{
	struct ring *ring = &lines->slot.ring;
	struct hb_beat beat;

	for (;;) {
		*busy = false;
		if (lines->ending && (long)(lines->end - ring->position) <= 0)
			return false;
		if (!ring_next(ring, &beat, busy))
			return false;
		if (beat.time >= lines->stale_before)
			break;
		lines->losses.stale++;
	}
	if (lines->sources)
		lines->line_length = beat_format_json(lines->line, &beat, beat.time + offset,
						      beat_sources_find(lines->sources, &beat));
	else
		lines->line_length = beat_format_text(lines->line, beat.time + offset, beat.pid);
	return true;
}

/* Fill an empty batch. */
static void fill(struct lines *lines, bool *busy)
{
	struct pending *pending = &lines->pending;
	uint64_t offset = clock_offset_ns();

	*busy = false;
	if (has_losses_to_print(lines)) {
		pending_add(pending,
			    beat_format_json_lost(pending_room(pending), lines->losses.unprinted),
			    false, lines->done);
		lines->losses.unprinted = 0;
	}
	if (lines->sources)
		beat_sources_expire(lines->sources);
	while (lines->line_length > 0 || make_line(lines, offset, busy)) {
		if (pending_is_full(pending, lines->line_length))
			return;
		memcpy(pending_room(pending), lines->line, lines->line_length);
		pending_add(pending, lines->line_length, true, lines->slot.ring.position);
		lines->line_length = 0;
	}
}

/* Write the batch, and give the beats that were written back to the kernel. */
static int write_pending(struct lines *lines)
{
	int r;

	r = pending_write(&lines->pending, &lines->output, &lines->done);
	ring_commit(&lines->slot.ring, lines->done);
	if (r == 0 || r == -EPIPE || (r == -EAGAIN && lines->output_source >= 0))
		return r;
	lines->failed = true;
	/* Not r: -EACCES and -ENOENT have exit statuses that speak of the pins. */
	log_errno(r, "standard output");
	return -EIO;
}

/* Everything is written. */
static int wait_for_more(struct lines *lines, bool some, bool busy)
{
	uint64_t now = clock_boot_ns();
	bool stream = some && now - lines->last_beats < stream_ns;
	int r;

	if (lines->ending && !busy) {
		losses_report(&lines->losses);
		if (!has_losses_to_print(lines))
			finish(lines);
		return 0;
	}
	if (some)
		lines->last_beats = now;
	r = losses_check(&lines->losses, now);
	if (r < 0)
		return r;
	/*
	 * The kernel wakes a reader that has read everything. In a stream that would happen for
	 * each beat, at the cost of the program that reads: let a few beats collect first.
	 */
	return wait_for(lines, stream || busy ? WAIT_LINGER : WAIT_RING);
}

/* Print the beats in the ring. */
static int pump(struct lines *lines)
{
	bool some = false;
	bool busy = false;
	int r;

	for (int i = 0; i < BATCHES_AT_ONCE && !lines->over; i++) {
		if (pending_is_empty(&lines->pending))
			fill(lines, &busy);
		if (pending_is_empty(&lines->pending)) {
			/* Records behind the last line may have made no line. */
			lines->done = lines->slot.ring.position;
			ring_commit(&lines->slot.ring, lines->done);
			r = wait_for_more(lines, some, busy);
			if (r < 0 || !has_losses_to_print(lines))
				return r;
			continue;
		}
		some = true;
		r = write_pending(lines);
		if (r == -EPIPE)
			return finish_closed(lines);
		if (r == -EAGAIN)
			return wait_for(lines, WAIT_OUTPUT);
		if (r < 0)
			return r;
	}
	return lines->over ? 0 : wait_for(lines, WAIT_LINGER);
}

/* There are beats, or a stream has lingered. */
static int on_beats(void *data, uint32_t events)
{
	(void)events;
	return pump(data);
}

static int on_output(void *data, uint32_t events)
{
	if (events & (EPOLLERR | EPOLLHUP))
		return finish_closed(data);
	return pump(data);
}

static int on_losses(void *data, uint32_t events)
{
	struct lines *lines = data;

	(void)events;
	lines->losses.armed = false;
	return lines_check(lines);
}

static int on_grace(void *data, uint32_t events)
{
	(void)events;
	finish(data);
	return 0;
}

static int add_sources(struct lines *lines)
{
	struct loop *loop = lines->loop;
	int r;

	/* epoll always reports errors: the other end may close while there are no beats. */
	lines->output_source = loop_add(loop, lines->output.fd, 0, on_output, lines);
	if (lines->output_source < 0 && lines->output_source != -EPERM)
		return lines->output_source;
	lines->linger_timer = loop_add_timer(loop, 0, 0, on_beats, lines);
	if (lines->linger_timer < 0)
		return lines->linger_timer;
	r = losses_start(&lines->losses, &lines->slot, loop, on_losses, lines);
	if (r < 0)
		return r;
	lines->ring_source = loop_add(loop, lines->slot.ring_fd, EPOLLIN, on_beats, lines);
	return lines->ring_source < 0 ? lines->ring_source : 0;
}

static int start(struct lines *lines, bool json)
{
	uint64_t now;
	int r;

	r = output_open(&lines->output, STDOUT_FILENO);
	if (r < 0)
		return r;
	if (json) {
		r = beat_sources_open(lines->slots->pin_dir, &lines->sources);
		if (r < 0)
			return r;
	}
	r = slots_claim(lines->slots, &lines->slot);
	if (r < 0)
		return r;
	/* It may not be what the kernel was told last. */
	lines->done = lines->slot.ring.position;
	ring_commit(&lines->slot.ring, lines->done);
	now = clock_boot_ns();
	if (lines->slot.adopted && now > adopt_ns)
		lines->stale_before = now - adopt_ns;
	r = add_sources(lines);
	return r < 0 ? log_errno(r, "event loop") : 0;
}

int lines_start(struct loop *loop, struct slots *slots, bool json, struct lines **lines)
{
	struct lines *made = calloc(1, sizeof(*made));
	int r;

	if (!made)
		return log_errno(-ENOMEM, "standard output");
	made->loop = loop;
	made->slots = slots;
	made->output.own = -EBADF;
	made->slot = (struct slot){.lock = -EBADF, .ring_fd = -EBADF, .lost_fd = -EBADF};
	r = start(made, json);
	if (r < 0) {
		lines_stop(made, true);
		return r;
	}
	*lines = made;
	return 0;
}

/* Returns whether there is something to print that nobody would wake us up for. */
static bool repair(struct lines *lines)
{
	if (!slots_repair(lines->slots, &lines->slot, lines->done))
		return false;
	if (!lines->disturbed)
		log_info(
			"a member of the group has disturbed reader slot %u: repaired, but heartbeats may be missing, and this message is not repeated",
			lines->slot.number);
	lines->disturbed = true;
	return true;
}

int lines_check(struct lines *lines)
{
	bool more = repair(lines);
	int r;

	r = losses_check(&lines->losses, clock_boot_ns());
	if (r == 0 && (more || has_losses_to_print(lines)) && lines->wait != WAIT_OUTPUT)
		r = pump(lines);
	return r;
}

int lines_end(struct lines *lines)
{
	int r;

	lines->ending = true;
	lines->end = ring_end(&lines->slot.ring);
	r = loop_add_timer(lines->loop, grace_ns, 0, on_grace, lines);
	if (r < 0)
		return log_errno(r, "event loop");
	return lines->wait == WAIT_OUTPUT ? 0 : pump(lines);
}

/* Count the beats that will not be printed: in `pending`, in `line`, and in the ring. */
static void abandon(struct lines *lines)
{
	struct ring *ring = &lines->slot.ring;

	losses_abandon(&lines->losses, pending_beats(&lines->pending) + (lines->line_length > 0),
		       ring, lines->ending ? lines->end : ring_end(ring));
}

bool lines_has_adopted(const struct lines *lines)
{
	return lines && lines->slot.adopted;
}

void lines_stop(struct lines *lines, bool failed)
{
	if (!lines)
		return;
	if (!failed && !lines->failed) {
		if (!lines->closed)
			abandon(lines);
		slots_shut(lines->slots, &lines->slot);
	}
	slots_release(&lines->slot);
	beat_sources_close(lines->sources);
	output_close(&lines->output);
	free(lines);
}
