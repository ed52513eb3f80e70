// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "bpf/lib/units.h"
#include "reader/maps/busy.h"
#include "reader/maps/map_read.h"
#include "reader/maps/snapshot.h"

/* How often a picture that is not exact is taken again, and the pause before that. */
enum { TRIES = 5, PAUSE_NS = NS_PER_MS };

/* How often a look at moves under way is repeated, after a pause each time. */
enum { SETTLE_TRIES = 50 };

struct snapshot_source {
	const char *pin_dir;
	struct pin_path meta_path;
	ino_t meta_inode; /* of the pin: another load has another one */
	bool gone;	  /* and that was logged */
	int fds[PINS_MAPS];
};

static void close_maps(struct snapshot_source *source)
{
	for (int i = 0; i < PINS_MAPS; i++) {
		if (source->fds[i] >= 0)
			close(source->fds[i]);
		source->fds[i] = -EBADF;
	}
}

static int log_map(const struct snapshot_source *source, enum pins_map map, int err)
{
	struct pin_path pin;
	const char *path = pins_path(&pin, source->pin_dir, pins_map_name(map));

	switch (err) {
	case -EACCES:
	case -EPERM:
		return pins_denied(path, NULL);
	case -ENOENT:
		return log_error(-EPROTO,
				 "%s is missing: run hb-load unload, then hb-load, as root", path);
	case -EBADMSG:
		return log_error(
			-EPROTO,
			"%s is not one of activity-heartbeat's maps: remove it, and run hb-load again",
			path);
	default:
		return log_errno(err, "%s", path);
	}
}

static int open_maps(struct snapshot_source *source)
{
	struct hb_meta meta;
	struct stat st;
	int r;

	r = pins_read_meta(source->pin_dir, &meta, NULL);
	if (r < 0)
		return r;
	if (stat(source->meta_path.text, &st) < 0)
		return log_errno(-errno, "%s", source->meta_path.text);
	source->meta_inode = st.st_ino;
	for (enum pins_map map = 0; map < PINS_MAPS; map++) {
		source->fds[map] = pins_open(source->pin_dir, map, false);
		if (source->fds[map] < 0) {
			r = log_map(source, map, source->fds[map]);
			close_maps(source);
			return r;
		}
	}
	return 0;
}

int snapshot_open(const char *pin_dir, struct snapshot_source **source)
{
	struct snapshot_source *new;
	int r;

	new = calloc(1, sizeof(*new));
	if (!new)
		return log_errno(-ENOMEM, "%s", pin_dir);
	new->pin_dir = pin_dir;
	for (int i = 0; i < PINS_MAPS; i++)
		new->fds[i] = -EBADF;
	pins_path(&new->meta_path, pin_dir, HB_PIN_META);
	r = open_maps(new);
	if (r < 0) {
		snapshot_close(new);
		return r;
	}
	*source = new;
	return 0;
}

void snapshot_close(struct snapshot_source *source)
{
	if (!source)
		return;
	close_maps(source);
	free(source);
}

/* Open maps outlive their pins: open those of another load if there is one. */
static int follow_load(struct snapshot_source *source)
{
	struct stat st;
	int r;

	if (stat(source->meta_path.text, &st) == 0 && st.st_ino == source->meta_inode &&
	    source->fds[PINS_META] >= 0)
		return 0;
	if (source->gone && access(source->meta_path.text, F_OK) < 0)
		return -ENOENT;
	close_maps(source);
	r = open_maps(source);
	source->gone = r < 0;
	return r;
}

static int read_element(const struct snapshot_source *source, enum pins_map map, uint32_t index,
			void *value)
{
	if (bpf_map_lookup_elem(source->fds[map], &index, value) < 0)
		return log_map(source, map, -errno);
	return 0;
}

static int read_map(const struct snapshot_source *source, enum pins_map map, size_t key_size,
		    size_t value_size, map_visit visit, struct snapshot *snapshot)
{
	int r = map_read(source->fds[map], key_size, value_size, visit, snapshot);

	return r < 0 ? log_map(source, map, r) : 0;
}

static int count_verdict(void *data, const void *key, const void *value)
{
	struct snapshot *snapshot = data;
	const uint8_t *verdict = value;

	(void)key;
	snapshot->verdicts++;
	snapshot->considered += *verdict == HB_CONSIDERED;
	return 0;
}

static int read_verdicts(const struct snapshot_source *source, struct snapshot *snapshot)
{
	return read_map(source, PINS_CONSIDERED_PIDS, sizeof(uint64_t), sizeof(uint8_t),
			count_verdict, snapshot);
}

/* Without this, a processor may load one map before another (arm64), which system calls do not prevent. */
static void keep_order(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static int read_stats(const struct snapshot_source *source, uint64_t stats[HB_STATS])
{
	int r;

	keep_order();
	r = pins_read_stats(source->fds[PINS_STATS], stats);
	keep_order();
	return r < 0 ? log_map(source, PINS_STATS, r) : 0;
}

/*
 * Wait until all moves of counts that have begun are done; *@settled: they are. Each processor counts
 * them as they begin and as they are done. One that has done all at some time has none left from
 * before: done is read first, and what was done had begun.
 */
static int settle(const struct snapshot_source *source, bool *settled)
{
	static const struct timespec pause = {.tv_nsec = 100 * NS_PER_US};
	static const uint32_t begun = HB_STAT_FOLDS_BEGUN;
	static const uint32_t done = HB_STAT_FOLDS_DONE;
	size_t cpus = (size_t)libbpf_num_possible_cpus();
	_cleanup_free_ uint64_t *counts = calloc(cpus, 3 * sizeof(*counts));
	int fd = source->fds[PINS_STATS];
	uint64_t *quiet;

	if (!counts)
		return log_errno(-ENOMEM, "%s", source->pin_dir);
	quiet = counts + 2 * cpus;
	*settled = false;
	for (int i = 0; i < SETTLE_TRIES && !*settled; i++) {
		if (i > 0)
			nanosleep(&pause, NULL);
		if (bpf_map_lookup_elem(fd, &done, counts) < 0)
			return log_map(source, PINS_STATS, -errno);
		keep_order();
		if (bpf_map_lookup_elem(fd, &begun, counts + cpus) < 0)
			return log_map(source, PINS_STATS, -errno);
		*settled = true;
		for (size_t cpu = 0; cpu < cpus; cpu++) {
			quiet[cpu] |= counts[cpu] == counts[cpus + cpu];
			*settled = *settled && quiet[cpu];
		}
	}
	return 0;
}

static int read_cgroups(const struct snapshot_source *source, struct snapshot *snapshot)
{
	return read_map(source, PINS_CGROUPS, sizeof(uint64_t), sizeof(struct hb_cgroup),
			snapshot_add_cgroup, snapshot);
}

static bool began_since(const struct snapshot_source *source, const uint64_t before[HB_STATS])
{
	uint64_t now[HB_STATS];

	return read_stats(source, now) < 0 ||
	       now[HB_STAT_FOLDS_BEGUN] != before[HB_STAT_FOLDS_BEGUN];
}

/*
 * Read the maps that the kernel moves counts between: from processes to cgroups and programs, and
 * from a removed cgroup to the one above. The picture is exact if nothing moved. It is complete if
 * each map was read after all moves that began before were done: what moves meanwhile is still in the
 * map that was read first. Cgroups are read twice if anything moves, since they are both.
 */
static int read_records(const struct snapshot_source *source, struct snapshot *snapshot)
{
	uint64_t before[HB_STATS];
	bool settled[2] = {false, true};
	int r;

	snapshot->process_count = 0;
	snapshot->cgroup_count = 0;
	snapshot->program_count = 0;
	r = read_stats(source, before);
	if (r == 0)
		r = read_map(source, PINS_PROCESSES, sizeof(uint32_t), sizeof(struct hb_process),
			     snapshot_add_process, snapshot);
	if (r == 0)
		r = settle(source, &settled[0]);
	if (r == 0)
		r = read_cgroups(source, snapshot);
	if (r == 0 && began_since(source, before)) {
		r = settle(source, &settled[1]);
		if (r == 0)
			r = read_cgroups(source, snapshot);
	}
	if (r == 0)
		r = read_map(source, PINS_PROGRAMS, HB_COMM_LEN, sizeof(struct hb_program),
			     snapshot_add_program, snapshot);
	if (r == 0)
		r = read_stats(source, snapshot->stats);
	if (r < 0)
		return r;
	snapshot->complete = settled[0] && settled[1];
	snapshot->exact = before[HB_STAT_FOLDS_BEGUN] == before[HB_STAT_FOLDS_DONE] &&
			  before[HB_STAT_FOLDS_BEGUN] == snapshot->stats[HB_STAT_FOLDS_BEGUN];
	return 0;
}

static int read_slots(const struct snapshot_source *source, struct snapshot *snapshot)
{
	int r;

	r = read_element(source, PINS_META, 0, &snapshot->meta);
	if (snapshot->meta.readers > HB_READERS_MAX)
		snapshot->meta.readers = HB_READERS_MAX;
	if (r == 0)
		r = read_element(source, PINS_OPEN, 0, &snapshot->open);
	for (uint32_t i = 0; r == 0 && i < HB_READERS_MAX; i++)
		r = read_element(source, PINS_LOST, i, &snapshot->lost[i]);
	return r;
}

static int read_busy(const struct snapshot_source *source, struct snapshot *snapshot)
{
	int r = busy_read(source->pin_dir, source->fds[PINS_BUSY_PROGRAMS], snapshot);

	return r < 0 ? log_map(source, PINS_BUSY_PROGRAMS, r) : 0;
}

int snapshot_take(struct snapshot_source *source, struct snapshot *snapshot)
{
	static const struct timespec pause = {.tv_nsec = PAUSE_NS};
	int r;

	memset(snapshot, 0, sizeof(*snapshot));
	r = follow_load(source);
	if (r == 0)
		r = read_slots(source, snapshot);
	if (r == 0)
		r = read_verdicts(source, snapshot);
	if (r == 0)
		r = read_busy(source, snapshot);
	for (int i = 0; r == 0 && i < TRIES && !snapshot->exact; i++) {
		if (i > 0)
			nanosleep(&pause, NULL);
		r = read_records(source, snapshot);
	}
	if (r < 0)
		return r;
	snapshot->taken_at = clock_boot_ns();
	snapshot->offset_ns = clock_offset_ns();
	r = snapshot_sum(snapshot);
	if (r == 0)
		r = busy_place(snapshot);
	return r < 0 ? log_errno(r, "%s", source->pin_dir) : 0;
}

int snapshot_gauge(struct snapshot_source *source, uint32_t *considered)
{
	struct snapshot counts = {0};
	int r;

	r = follow_load(source);
	if (r == 0)
		r = read_verdicts(source, &counts);
	*considered = counts.considered;
	return r;
}

int snapshot_stats(struct snapshot_source *source, struct hb_meta *meta, uint64_t stats[HB_STATS])
{
	int r;

	r = follow_load(source);
	if (r == 0)
		r = read_element(source, PINS_META, 0, meta);
	return r < 0 ? r : read_stats(source, stats);
}

bool snapshot_is_listed(const struct snapshot_source *source, const char *name)
{
	char key[HB_COMM_LEN] = {0};
	struct hb_program program;

	memcpy(key, name, strnlen(name, sizeof(key) - 1));
	return bpf_map_lookup_elem(source->fds[PINS_PROGRAMS], key, &program) == 0;
}
