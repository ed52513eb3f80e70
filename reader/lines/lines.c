// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "reader/lines/beat_format.h"
#include "reader/lines/beat_source.h"
#include "reader/lines/lines.h"
#include "reader/lines/output.h"
#include "reader/lines/pending.h"

#define NS_PER_S 1000000000ULL

/* A beat that comes so soon after another is part of a stream. */
static const uint64_t stream_ns = 1000000;
/* How long a stream is left to itself. */
static const uint64_t linger_ns = 200000;
/* Unread beats that a killed reader left are shown if they are not older. */
static const uint64_t adopt_ns = 60 * NS_PER_S;
static const uint64_t check_ns = NS_PER_S;
static const uint64_t grace_ns = NS_PER_S;

/* Then the loop's other sources have their turn. */
enum { BATCHES_AT_ONCE = 64 };

/* What has to happen before there is something to do. */
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
	struct beat_sources *details; /* NULL: text */

	enum wait wait;
	int ring_source;
	int output_source; /* -EPERM: always takes what it gets, like a file */
	int linger_timer;
	int check_timer;
	int grace_timer;
	bool check_armed;

	uint64_t stale_before; /* beats older than this are not shown */
	uint64_t last_beats;   /* boot time of the last time there was something */
	uint64_t last_check;   /* boot time; 0: never */
	uint64_t stale;	       /* beats that were too old */
	uint64_t abandoned;    /* beats that standard output did not take in time */
	uint64_t said;	       /* lost beats on standard error */
	uint64_t to_print;     /* of these, not yet on standard output, as JSON */

	bool ending;
	bool over;	    /* all is printed that shall be, or nobody reads it */
	bool closed;	    /* standard output is */
	bool failed;	    /* an error on standard output: another reader shall take over */
	unsigned long end;  /* the ring's when the end began */
	unsigned long done; /* the ring's position up to which all lines are written */

	size_t line_length; /* of a line that had no room in `pending`; 0: none */
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

/* Nobody reads any more: no reason to complain. */
static int finish_closed(struct lines *lines)
{
	lines->closed = true;
	finish(lines);
	return 0;
}

/* Say on standard error what was lost since it was last said. */
static void say_losses(struct lines *lines)
{
	uint64_t lost = 0;

	if (slots_lost(&lines->slot, &lost) < 0)
		return;
	lost += lines->slot.ring.malformed + lines->stale + lines->abandoned;
	if (lost == lines->said)
		return;
	log_info("%" PRIu64 " beats lost", lost - lines->said);
	if (lines->details)
		lines->to_print += lost - lines->said;
	lines->said = lost;
}

/* Not more often than once a second; where there are no more beats, by a timer. */
static int check(struct lines *lines, uint64_t now)
{
	uint64_t ago = now - lines->last_check;

	if (lines->check_armed)
		return 0;
	if (ago < check_ns) {
		int r = loop_set_timer(lines->loop, lines->check_timer, check_ns - ago, 0);

		if (r < 0)
			return log_errno(r, "event loop");
		lines->check_armed = true;
		return 0;
	}
	lines->last_check = now;
	say_losses(lines);
	slots_sweep(lines->slots, now);
	return 0;
}

/* Make the next line; tells whether there is one. */
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
		lines->stale++;
	}
	if (lines->details)
		lines->line_length = beat_format_json(lines->line, &beat, beat.time + offset,
						      beat_sources_find(lines->details, &beat));
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
	if (lines->to_print > 0) {
		pending_add(pending, beat_format_json_lost(pending_room(pending), lines->to_print),
			    false, lines->done);
		lines->to_print = 0;
	}
	if (lines->details)
		beat_sources_expire(lines->details);
	while (lines->line_length > 0 || make_line(lines, offset, busy)) {
		if (pending_is_full(pending, lines->line_length))
			return;
		memcpy(pending_room(pending), lines->line, lines->line_length);
		pending_add(pending, lines->line_length, true, lines->slot.ring.position);
		lines->line_length = 0;
	}
}

/* Write the batch, and give back what was written. */
static int write_pending(struct lines *lines)
{
	int r;

	r = pending_write(&lines->pending, &lines->output, &lines->done);
	ring_commit(&lines->slot.ring, lines->done);
	if (r == 0 || r == -EPIPE || (r == -EAGAIN && lines->output_source >= 0))
		return r;
	lines->failed = true;
	/* Not r: that would be taken for a reason of the loaded system. */
	log_errno(r, "standard output");
	return -EIO;
}

/* All that there was is written: what next? */
static int wait_for_more(struct lines *lines, bool some, bool busy)
{
	uint64_t now = clock_boot_ns();
	bool stream = some && now - lines->last_beats < stream_ns;
	int r;

	if (lines->ending && !busy) {
		say_losses(lines);
		if (lines->to_print == 0)
			finish(lines);
		return 0;
	}
	if (some)
		lines->last_beats = now;
	r = check(lines, now);
	if (r < 0)
		return r;
	/*
	 * The kernel wakes a reader for a beat if it had read all before. In a stream that would be
	 * for each beat, and paid for by who makes it: so let some beats come together.
	 */
	return wait_for(lines, stream || busy ? WAIT_LINGER : WAIT_RING);
}

/* Print what there is. */
static int pump(struct lines *lines)
{
	bool some = false;
	bool busy = false;
	int r;

	for (int i = 0; i < BATCHES_AT_ONCE && !lines->over; i++) {
		if (pending_is_empty(&lines->pending))
			fill(lines, &busy);
		if (pending_is_empty(&lines->pending)) {
			/* Behind the last line there may be records that make none. */
			lines->done = lines->slot.ring.position;
			ring_commit(&lines->slot.ring, lines->done);
			r = wait_for_more(lines, some, busy);
			if (r < 0 || lines->to_print == 0)
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

static int on_ring(void *data, uint32_t events)
{
	(void)events;
	return pump(data);
}

static int on_linger(void *data, uint32_t events)
{
	struct lines *lines = data;

	(void)events;
	return lines->wait == WAIT_LINGER ? pump(lines) : 0;
}

static int on_output(void *data, uint32_t events)
{
	if (events & (EPOLLERR | EPOLLHUP))
		return finish_closed(data);
	return pump(data);
}

static int on_check(void *data, uint32_t events)
{
	struct lines *lines = data;

	(void)events;
	lines->check_armed = false;
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

	/* Errors are always waited for: whoever reads may leave while there are no beats. */
	lines->output_source = loop_add(loop, lines->output.fd, 0, on_output, lines);
	if (lines->output_source < 0 && lines->output_source != -EPERM)
		return lines->output_source;
	lines->linger_timer = loop_add_timer(loop, 0, 0, on_linger, lines);
	if (lines->linger_timer < 0)
		return lines->linger_timer;
	lines->check_timer = loop_add_timer(loop, 0, 0, on_check, lines);
	if (lines->check_timer < 0)
		return lines->check_timer;
	lines->grace_timer = loop_add_timer(loop, 0, 0, on_grace, lines);
	if (lines->grace_timer < 0)
		return lines->grace_timer;
	lines->ring_source = loop_add(loop, lines->slot.ring_fd, EPOLLIN, on_ring, lines);
	return lines->ring_source < 0 ? lines->ring_source : 0;
}

static int start(struct lines *lines, const struct read_options *options)
{
	uint64_t now;
	int r;

	r = output_open(&lines->output, STDOUT_FILENO);
	if (r < 0)
		return r;
	if (options->format == FORMAT_JSON) {
		r = beat_sources_open(options->pin_dir, &lines->details);
		if (r < 0)
			return r;
	}
	r = slots_claim(lines->slots, &lines->slot);
	if (r < 0)
		return r;
	lines->done = lines->slot.ring.position;
	now = clock_boot_ns();
	if (lines->slot.adopted && now > adopt_ns)
		lines->stale_before = now - adopt_ns;
	r = add_sources(lines);
	return r < 0 ? log_errno(r, "event loop") : 0;
}

int lines_start(struct loop *loop, const struct read_options *options, struct slots *slots,
		struct lines **lines)
{
	struct lines *made = calloc(1, sizeof(*made));
	int r;

	if (!made)
		return log_errno(-ENOMEM, "standard output");
	made->loop = loop;
	made->slots = slots;
	made->output.own = -EBADF;
	made->slot = (struct slot){.lock = -EBADF, .ring_fd = -EBADF, .lost_fd = -EBADF};
	r = start(made, options);
	if (r < 0) {
		/* What an adopted slot has is for the next reader then. */
		made->failed = true;
		lines_stop(made);
		return r;
	}
	*lines = made;
	return 0;
}

int lines_check(struct lines *lines)
{
	int r;

	r = check(lines, clock_boot_ns());
	if (r == 0 && lines->to_print > 0 && lines->wait != WAIT_OUTPUT)
		r = pump(lines);
	return r;
}

int lines_end(struct lines *lines)
{
	int r;

	lines->ending = true;
	lines->end = ring_end(&lines->slot.ring);
	r = loop_set_timer(lines->loop, lines->grace_timer, grace_ns, 0);
	if (r < 0)
		return log_errno(r, "event loop");
	return lines->wait == WAIT_OUTPUT ? 0 : pump(lines);
}

/* Beats that will not be printed any more: in `pending`, in `line`, and in the ring. */
static void abandon(struct lines *lines)
{
	struct ring *ring = &lines->slot.ring;
	struct hb_beat beat;
	bool busy;

	lines->abandoned = pending_beats(&lines->pending) + (lines->line_length > 0);
	if (!lines->ending)
		lines->end = ring_end(ring);
	while ((long)(lines->end - ring->position) > 0 && ring_next(ring, &beat, &busy))
		lines->abandoned++;
	say_losses(lines);
}

void lines_stop(struct lines *lines)
{
	if (!lines)
		return;
	if (!lines->failed) {
		if (!lines->closed)
			abandon(lines);
		slots_shut(lines->slots, &lines->slot);
	}
	slots_release(lines->slots, &lines->slot);
	beat_sources_close(lines->details);
	output_close(&lines->output);
	free(lines);
}
