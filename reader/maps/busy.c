// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/lib/log.h"
#include "bpf/lib/pidns.h"
#include "bpf/lib/pins.h"
#include "reader/array.h"
#include "reader/maps/busy.h"
#include "reader/maps/home.h"
#include "reader/maps/iterator.h"
#include "reader/maps/map_read.h"

static int add_program(void *data, const void *key, const void *value)
{
	struct snapshot *snapshot = data;
	char(*name)[HB_COMM_LEN];

	(void)value;
	name = array_append(snapshot->busy_programs, snapshot->busy_program_count);
	if (!name)
		return -ENOMEM;
	memcpy(*name, key, HB_COMM_LEN - 1);
	(*name)[HB_COMM_LEN - 1] = '\0';
	return 0;
}

static int add_process(void *data, const void *record)
{
	struct snapshot *snapshot = data;
	struct snapshot_busy *busy;

	busy = array_append(snapshot->busy, snapshot->busy_count);
	if (!busy)
		return -ENOMEM;
	*busy = (struct snapshot_busy){0};
	memcpy(&busy->record, record, sizeof(busy->record));
	busy->record.command[HB_COMM_LEN - 1] = '\0';
	/* It reports for ever, and so is no work. */
	if (snapshot_is_own(busy->record.command))
		snapshot->busy_count--;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return memcmp(a, b, HB_COMM_LEN);
}

int busy_read(const char *pin_dir, int fd, struct snapshot *snapshot)
{
	struct pin_path path;
	int r;

	if (snapshot->meta.busy_for == 0)
		return 0;
	r = map_read(fd, HB_COMM_LEN, sizeof(uint8_t), add_program, snapshot);
	if (r < 0)
		return r;
	if (snapshot->busy_program_count > 1)
		qsort(snapshot->busy_programs, snapshot->busy_program_count, HB_COMM_LEN,
		      compare_names);
	/* The kernel walks over the pid namespace of the reader. */
	if (!pidns_is_initial())
		snapshot->busy_unknown =
			"busy programs outside this pid namespace cannot be seen: run hb-read on the host";
	r = iterator_read(pins_path(&path, pin_dir, HB_PIN_BUSY), sizeof(struct hb_busy),
			  add_process, snapshot);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		log_debug("%s: %s", path.text, strerror(-r));
		snapshot->busy_unknown =
			"it cannot be seen which busy programs run: run hb-load again, as root";
	}
	return 0;
}

bool busy_is_listed(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < snapshot->busy_program_count; i++) {
		if (strcmp(snapshot->busy_programs[i], name) == 0)
			return true;
	}
	return false;
}

/* A cgroup, with all that are below it. */
struct place {
	uint64_t since; /* idle time counts from here */
	enum home_kind kind;
	/* Indexes, plus 1; 0: there is none. */
	size_t box;  /* the innermost container or pod that it is or is in */
	size_t home; /* its workspace */
};

/* The place of the cgroup above, or NULL. */
static struct place *place_above(const struct snapshot *snapshot, struct place *places, size_t i)
{
	const struct snapshot_cgroup *parent =
		snapshot_find_cgroup(snapshot, snapshot->cgroups[i].record.parent_id);

	return parent ? &places[parent - snapshot->cgroups] : NULL;
}

/*
 * Find the workspace of @places[@i], below @above, that home_find() would find. It climbs from one cgroup,
 * and this is for all of a deep tree, which any user can make. Returns whether it has changed.
 */
static bool find_home(struct place *places, size_t i, const struct place *above)
{
	struct place *place = &places[i];
	size_t box = above->box;
	size_t home = above->home;

	if (place->kind == HOME_USER && (home == 0 || places[home - 1].kind == HOME_USER))
		home = i + 1;
	if (place->kind == HOME_POD ||
	    (place->kind == HOME_CONTAINER && (box == 0 || places[box - 1].kind != HOME_POD)))
		home = i + 1;
	else if (place->kind == HOME_CONTAINER)
		home = box;
	if (place->kind >= HOME_CONTAINER)
		box = i + 1;
	if (place->box == box && place->home == home)
		return false;
	place->box = box;
	place->home = home;
	return true;
}

/* Keys and starts go up the tree, workspaces go down. Ids grow, so the second pass is the last. */
static void spread(const struct snapshot *snapshot, struct place *places)
{
	static const struct place none;
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = snapshot->cgroup_count; i-- > 0;) {
			struct place *above = place_above(snapshot, places, i);

			if (!above || above->since >= places[i].since)
				continue;
			above->since = places[i].since;
			changed = true;
		}
		for (size_t i = 0; i < snapshot->cgroup_count; i++) {
			const struct place *above = place_above(snapshot, places, i);

			changed |= find_home(places, i, above ? above : &none);
		}
	}
}

static void raise_to(uint64_t *time, uint64_t to)
{
	if (*time < to)
		*time = to;
}

static struct place *find_places(const struct snapshot *snapshot)
{
	/* One more: calloc(0) may return NULL. */
	struct place *places = calloc(snapshot->cgroup_count + 1, sizeof(*places));

	if (!places)
		return NULL;
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		const struct hb_cgroup *record = &snapshot->cgroups[i].record;

		places[i].since = snapshot->meta.changed_at;
		raise_to(&places[i].since, record->last_key);
		raise_to(&places[i].since, record->opened_at);
		places[i].kind = home_kind_of(&snapshot->cgroups[i]);
	}
	spread(snapshot, places);
	/* The birth of one below is that of no other. */
	for (size_t i = 0; i < snapshot->cgroup_count; i++)
		raise_to(&places[i].since, snapshot->cgroups[i].record.birth);
	return places;
}

/* Give @busy the times of its places. Returns 0, or -ENOENT: its cgroup was removed meanwhile. */
static int place(const struct snapshot *snapshot, const struct place *places,
		 struct snapshot_busy *busy)
{
	const struct snapshot_cgroup *cgroup =
		snapshot_find_cgroup(snapshot, busy->record.account_id);
	size_t home;

	if (!cgroup)
		return -ENOENT;
	home = places[cgroup - snapshot->cgroups].home;
	busy->group_since = places[cgroup - snapshot->cgroups].since;
	busy->workspace_since = home ? places[home - 1].since : 0;
	return 0;
}

int busy_place(struct snapshot *snapshot)
{
	struct place *places;

	if (snapshot->busy_count == 0)
		return 0;
	places = find_places(snapshot);
	if (!places)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->busy_count; i++) {
		/* If there is no such cgroup any more, the process has moved, or has ended. */
		if (place(snapshot, places, &snapshot->busy[i]) < 0)
			snapshot->busy_unknown =
				"a busy program moved while it was looked at: try again";
	}
	free(places);
	return 0;
}
