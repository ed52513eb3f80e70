// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "bpf/lib/units.h"
#include "reader/lines/slots.h"
#include "reader/maps/holders.h"

static const uint64_t orphan_ns = 60 * NS_PER_S;

/* A reader that checks for orphans holds the lock briefly, so retry. */
enum { CLAIM_TRIES = 5, CLAIM_PAUSE_NS = 20 * NS_PER_MS };

static bool is_open(const struct slots *slots, uint32_t number)
{
	return __atomic_load_n(slots->open, __ATOMIC_SEQ_CST) >> number & 1;
}

static void set_open(struct slots *slots, uint32_t number)
{
	__atomic_fetch_or(slots->open, 1ULL << number, __ATOMIC_SEQ_CST);
}

static void clear_open(struct slots *slots, uint32_t number)
{
	__atomic_fetch_and(slots->open, ~(1ULL << number), __ATOMIC_SEQ_CST);
}

int slots_open(struct slots *slots, const char *pin_dir, const struct hb_meta *meta)
{
	void *mask;
	int fd;

	*slots = (struct slots){
		.pin_dir = pin_dir,
		.count = meta->readers < HB_READERS_MAX ? meta->readers : HB_READERS_MAX,
		.mine = HB_READERS_MAX,
	};
	fd = pins_open(pin_dir, PINS_OPEN, true);
	if (fd == -EACCES || fd == -EPERM)
		return -EACCES;
	if (fd < 0)
		return log_errno(fd, "%s/%s", pin_dir, HB_PIN_OPEN);
	mask = mmap(NULL, sizeof(*slots->open), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (mask == MAP_FAILED && errno == EPERM)
		return -EPERM;
	if (mask == MAP_FAILED)
		return log_errno(-errno, "cannot map %s/%s", pin_dir, HB_PIN_OPEN);
	slots->open = mask;
	return 0;
}

void slots_close(struct slots *slots)
{
	if (slots->open)
		munmap(slots->open, sizeof(*slots->open));
	slots->open = NULL;
}

/* Returns the descriptor that holds the lock, -EWOULDBLOCK if another process does, or -errno. */
static int lock_slot(const struct slots *slots, uint32_t number)
{
	char name[sizeof(HB_PIN_READER_FMT) + 10];
	struct pin_path path;
	int fd;
	int r;

	snprintf(name, sizeof(name), HB_PIN_READER_FMT, number);
	fd = open(pins_path(&path, slots->pin_dir, name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	r = -errno;
	close_fd(fd);
	return r;
}

/* Lock an orphan, or else any slot. Returns like lock_slot(). */
static int lock_any(const struct slots *slots, uint32_t *number)
{
	for (int orphan = 1; orphan >= 0; orphan--) {
		for (uint32_t i = 0; i < slots->count; i++) {
			int fd;

			if (slots->unusable >> i & 1 || (orphan && !is_open(slots, i)))
				continue;
			fd = lock_slot(slots, i);
			if (fd == -EWOULDBLOCK)
				continue;
			*number = i;
			return fd;
		}
	}
	return -EWOULDBLOCK;
}

/* Name the holders of all slots. Returns -EBUSY. */
static int log_taken(const struct slots *slots)
{
	char list[HB_READERS_MAX * sizeof("999999999999999 (pid 4294967295), ")] = "";
	char command[HB_COMM_LEN];
	size_t used = 0;
	uint32_t pid;

	for (uint32_t i = 0; i < slots->count; i++) {
		int n;

		if (holders_find(slots->pin_dir, i, &pid, command) < 0)
			continue;
		n = snprintf(list + used, sizeof(list) - used, "%s%s (pid %u)", used ? ", " : "",
			     command, pid);
		if (n < 0 || (size_t)n >= sizeof(list) - used)
			break;
		used += (size_t)n;
	}
	if (used == 0)
		snprintf(list, sizeof(list), "readers that this pid namespace does not show");
	return log_error(
		-EBUSY,
		"all %s%u reader slots are taken, by %s: end a reader, or run hb-load unload and then hb-load --readers N as root",
		slots->unusable ? "usable ones of " : "", slots->count, list);
}

/* Returns 0; -EACCES, not logged; or another -errno, logged: this slot cannot be used. */
static int open_ring(const struct slots *slots, struct slot *slot)
{
	int r;

	slot->ring_fd = pins_open_ring(slots->pin_dir, slot->number);
	if (slot->ring_fd == -EACCES || slot->ring_fd == -EPERM)
		return -EACCES;
	r = slot->ring_fd < 0 ? slot->ring_fd : ring_map(&slot->ring, slot->ring_fd);
	if (r == -EPERM)
		return log_error(
			r,
			"%s/" HB_PIN_EVENTS_FMT
			": a member of the group has frozen it: trying the next slot (hb-load unload and hb-load, as root, make new ones)",
			slots->pin_dir, slot->number);
	return r < 0 ? log_errno(r, "cannot use %s/" HB_PIN_EVENTS_FMT, slots->pin_dir,
				 slot->number)
		     : 0;
}

static int open_slot(struct slots *slots, struct slot *slot)
{
	int r;

	slot->lost_fd = pins_open(slots->pin_dir, PINS_LOST, false);
	if (slot->lost_fd < 0)
		return log_errno(slot->lost_fd, "%s/%s", slots->pin_dir, HB_PIN_LOST);
	slot->adopted = is_open(slots, slot->number);
	if (!slot->adopted)
		ring_clear(&slot->ring);
	r = slots_lost(slot, &slot->lost_before);
	if (r < 0)
		return log_errno(r, "%s/%s", slots->pin_dir, HB_PIN_LOST);
	set_open(slots, slot->number);
	slots->mine = slot->number;
	return 0;
}

/* Returns 0; -EWOULDBLOCK: other readers hold all slots; or -ENXIO: there was one, but it is unusable. */
static int claim(struct slots *slots, struct slot *slot)
{
	int r;

	slot->lock = lock_any(slots, &slot->number);
	if (slot->lock == -EWOULDBLOCK || slot->lock == -EACCES)
		return slot->lock;
	r = slot->lock < 0 ? log_errno(slot->lock, "cannot use %s/" HB_PIN_READER_FMT,
				       slots->pin_dir, slot->number)
			   : open_ring(slots, slot);
	if (r == -EACCES)
		return r;
	if (r < 0) {
		slots->unusable |= 1ULL << slot->number;
		return -ENXIO;
	}
	return open_slot(slots, slot);
}

static bool all_unusable(const struct slots *slots)
{
	return slots->unusable == (1ULL << slots->count) - 1;
}

int slots_claim(struct slots *slots, struct slot *slot)
{
	static const struct timespec pause = {.tv_nsec = CLAIM_PAUSE_NS};
	int tries = CLAIM_TRIES;
	int r;

	*slot = (struct slot){.lock = -EBADF, .ring_fd = -EBADF, .lost_fd = -EBADF};
	for (;;) {
		r = claim(slots, slot);
		if (r < 0)
			slots_release(slot);
		if (r == -EWOULDBLOCK && all_unusable(slots))
			return -EPERM;
		if (r == -EWOULDBLOCK && --tries == 0)
			return log_taken(slots);
		if (r == -EWOULDBLOCK)
			nanosleep(&pause, NULL);
		else if (r != -ENXIO)
			break;
	}
	if (r == 0)
		log_debug("slot %u%s", slot->number, slot->adopted ? ", adopted" : "");
	return r;
}

int slots_lost(const struct slot *slot, uint64_t *lost)
{
	uint64_t value;

	if (bpf_map_lookup_elem(slot->lost_fd, &slot->number, &value) < 0)
		return -errno;
	*lost = value - slot->lost_before;
	return 0;
}

bool slots_repair(struct slots *slots, struct slot *slot, unsigned long position)
{
	bool intact = is_open(slots, slot->number) && ring_is_at(&slot->ring, position);

	if (!intact) {
		ring_commit(&slot->ring, position);
		set_open(slots, slot->number);
	}
	return !intact;
}

void slots_shut(struct slots *slots, struct slot *slot)
{
	clear_open(slots, slot->number);
	ring_clear(&slot->ring);
}

void slots_release(struct slot *slot)
{
	ring_unmap(&slot->ring);
	close_fd(slot->lost_fd);
	close_fd(slot->ring_fd);
	close_fd(slot->lock);
	slot->lock = slot->ring_fd = slot->lost_fd = -EBADF;
}

/* Close the slot if it has been an orphan for long. */
static void check_orphan(struct slots *slots, uint32_t number, uint64_t now)
{
	bool may_be = number != slots->mine && is_open(slots, number);
	int lock = may_be ? lock_slot(slots, number) : -ENOENT;
	uint64_t *since = &slots->orphan_since[number];

	if (lock < 0) {
		*since = 0;
	} else if (*since == 0) {
		*since = now;
	} else if (now - *since >= orphan_ns) {
		clear_open(slots, number);
		log_debug("slot %u: closed, because its reader was killed", number);
	}
	close_fd(lock);
}

void slots_sweep(struct slots *slots, uint64_t now)
{
	if (!slots->open)
		return;
	for (uint32_t i = 0; i < slots->count; i++)
		check_orphan(slots, i, now);
}
