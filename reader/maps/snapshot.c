// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "reader/maps/map_read.h"
#include "reader/maps/snapshot_sum.h"
#include "reader/maps/snapshot.h"

/* How often a picture that is not exact is taken again, and the pause before. */
enum { TRIES = 5, PAUSE_NS = 1000000 };

struct snapshot_source {
	char *pin_dir;
	struct pin_path meta_path;
	ino_t meta_inode; /* of the pin: another load has another one */
	bool gone;	  /* and said so */
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
	for (int i = 0; i < PINS_MAPS; i++)
		new->fds[i] = -EBADF;
	new->pin_dir = strdup(pin_dir);
	pins_path(&new->meta_path, pin_dir, HB_PIN_META);
	r = new->pin_dir ? open_maps(new) : log_errno(-ENOMEM, "%s", pin_dir);
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
	free(source->pin_dir);
	free(source);
}

/* Open maps outlive their pins: see that they are still what is loaded. */
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

static int lookup(const struct snapshot_source *source, enum pins_map map, uint32_t index,
		  void *value)
{
	return bpf_map_lookup_elem(source->fds[map], &index, value) < 0 ? -errno : 0;
}

static int count_verdict(void *data, const void *key, const void *value)
{
	struct snapshot *snapshot = data;
	const uint8_t *verdict = value;

	(void)key;
	snapshot->verdicts++;
	if (*verdict == HB_CONSIDERED)
		snapshot->considered++;
	return 0;
}

static int read_verdicts(struct snapshot_source *source, struct snapshot *snapshot)
{
	int r;

	r = map_read(source->fds[PINS_CONSIDERED_PIDS], sizeof(uint64_t), sizeof(uint8_t),
		     count_verdict, snapshot);
	return r < 0 ? log_map(source, PINS_CONSIDERED_PIDS, r) : 0;
}

static int read_stats(struct snapshot_source *source, uint64_t stats[HB_STATS])
{
	int r;

	r = pins_read_stats(source->fds[PINS_STATS], stats);
	return r < 0 ? log_map(source, PINS_STATS, r) : 0;
}

/*
 * Read what the kernel moves counts between. It counts such moves as they begin and when they are
 * done: the picture is exact if none was under way before, and none began meanwhile.
 */
static int read_records(struct snapshot_source *source, struct snapshot *snapshot)
{
	uint64_t before[HB_STATS];
	int r;

	r = read_stats(source, before);
	if (r < 0)
		return r;
	snapshot->process_count = 0;
	snapshot->cgroup_count = 0;
	snapshot->program_count = 0;
	r = map_read(source->fds[PINS_PROCESSES], sizeof(uint32_t), sizeof(struct hb_process),
		     snapshot_add_process, snapshot);
	if (r < 0)
		return log_map(source, PINS_PROCESSES, r);
	r = map_read(source->fds[PINS_CGROUPS], sizeof(uint64_t), sizeof(struct hb_cgroup),
		     snapshot_add_cgroup, snapshot);
	if (r < 0)
		return log_map(source, PINS_CGROUPS, r);
	r = map_read(source->fds[PINS_PROGRAMS], HB_COMM_LEN, sizeof(struct hb_program),
		     snapshot_add_program, snapshot);
	if (r < 0)
		return log_map(source, PINS_PROGRAMS, r);
	r = read_stats(source, snapshot->stats);
	if (r < 0)
		return r;
	snapshot->exact = before[HB_STAT_FOLDS_BEGUN] == before[HB_STAT_FOLDS_DONE] &&
			  before[HB_STAT_FOLDS_BEGUN] == snapshot->stats[HB_STAT_FOLDS_BEGUN];
	return 0;
}

static int read_slots(struct snapshot_source *source, struct snapshot *snapshot)
{
	int r;

	r = lookup(source, PINS_META, 0, &snapshot->meta);
	if (r < 0)
		return log_map(source, PINS_META, r);
	if (snapshot->meta.readers > HB_READERS_MAX)
		snapshot->meta.readers = HB_READERS_MAX;
	r = lookup(source, PINS_OPEN, 0, &snapshot->open);
	if (r < 0)
		return log_map(source, PINS_OPEN, r);
	for (uint32_t i = 0; i < HB_READERS_MAX; i++) {
		r = lookup(source, PINS_LOST, i, &snapshot->lost[i]);
		if (r < 0)
			return log_map(source, PINS_LOST, r);
	}
	return 0;
}

int snapshot_take(struct snapshot_source *source, struct snapshot *snapshot)
{
	static const struct timespec pause = {.tv_nsec = PAUSE_NS};
	int r;

	memset(snapshot, 0, sizeof(*snapshot));
	r = follow_load(source);
	if (r < 0)
		return r;
	r = read_slots(source, snapshot);
	if (r < 0)
		return r;
	r = read_verdicts(source, snapshot);
	if (r < 0)
		return r;
	for (int i = 0; i < TRIES && !snapshot->exact; i++) {
		if (i > 0)
			nanosleep(&pause, NULL);
		r = read_records(source, snapshot);
		if (r < 0)
			return r;
	}
	snapshot->taken_at = clock_boot_ns();
	snapshot->offset_ns = clock_offset_ns();
	r = snapshot_sum(snapshot);
	return r < 0 ? log_errno(r, "%s", source->pin_dir) : 0;
}

void snapshot_trim(struct snapshot *snapshot)
{
	free(snapshot->processes);
	free(snapshot->cgroups);
	free(snapshot->programs);
	snapshot->processes = NULL;
	snapshot->cgroups = NULL;
	snapshot->programs = NULL;
	snapshot->process_count = 0;
	snapshot->cgroup_count = 0;
	snapshot->program_count = 0;
}

void snapshot_release(struct snapshot *snapshot)
{
	snapshot_trim(snapshot);
	memset(snapshot, 0, sizeof(*snapshot));
}

int snapshot_gauge(struct snapshot_source *source, uint32_t *considered)
{
	struct snapshot counts = {0};
	int r;

	r = follow_load(source);
	if (r < 0)
		return r;
	r = read_verdicts(source, &counts);
	if (r < 0)
		return r;
	*considered = counts.considered;
	return 0;
}

int snapshot_stats(struct snapshot_source *source, struct hb_meta *meta, uint64_t stats[HB_STATS])
{
	int r;

	r = follow_load(source);
	if (r < 0)
		return r;
	r = lookup(source, PINS_META, 0, meta);
	if (r < 0)
		return log_map(source, PINS_META, r);
	return read_stats(source, stats);
}

bool snapshot_is_listed(const struct snapshot_source *source, const char *name)
{
	char key[HB_COMM_LEN] = {0};
	struct hb_program program;

	memcpy(key, name, strnlen(name, sizeof(key) - 1));
	return bpf_map_lookup_elem(source->fds[PINS_PROGRAMS], key, &program) == 0;
}

uint64_t snapshot_lost(const struct snapshot *snapshot)
{
	uint64_t lost = 0;

	for (uint32_t i = 0; i < HB_READERS_MAX; i++)
		lost += snapshot->lost[i];
	return lost;
}
