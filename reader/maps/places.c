// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/lib/cgroup.h"
#include "bpf/lib/clock.h"
#include "reader/maps/places.h"

/* Bounds of the walk: far beyond what nodes have, and it ends all the same. */
enum { DEPTH_MAX = 32, PLACES_MAX = 50000 };

/* Of the whole hierarchy; what a namespace shows as the root has another number. */
static const uint64_t root_id = 1;

struct place {
	uint64_t id;
	char *path;
};

struct places {
	uint64_t read_at;
	bool whole;
	size_t count;
	struct place *places; /* by id */
};

static int add(struct places *places, uint64_t id, const char *path)
{
	/* Its room doubles at powers of two. */
	if ((places->count & (places->count - 1)) == 0) {
		struct place *more =
			reallocarray(places->places, places->count ? places->count * 2 : 1,
				     sizeof(*more));

		if (!more)
			return -ENOMEM;
		places->places = more;
	}
	places->places[places->count].id = id;
	places->places[places->count].path = strdup(path);
	if (!places->places[places->count].path)
		return -ENOMEM;
	places->count++;
	return 0;
}

static bool is_child(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
	       strcmp(entry->d_name, "..") != 0;
}

/*
 * Walk below the directory @fd, which is closed. Its path is the first @length bytes of @path. A
 * cgroup that is removed meanwhile leaves the tree whole.
 */
static int walk(struct places *places, int fd, char path[CGROUP_PATH_MAX], size_t length, int depth)
{
	const struct dirent *entry;
	int r = 0;
	DIR *dir;

	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		places->whole = false;
		return 0;
	}
	while (r == 0 && (entry = readdir(dir))) {
		size_t name = strlen(entry->d_name);
		int child;

		if (!is_child(entry))
			continue;
		if (length + 1 + name >= CGROUP_PATH_MAX || depth == DEPTH_MAX ||
		    places->count == PLACES_MAX) {
			places->whole = false;
			continue;
		}
		path[length] = '/';
		memcpy(path + length + 1, entry->d_name, name + 1);
		r = add(places, entry->d_ino, path);
		if (r < 0)
			break;
		child = openat(dirfd(dir), entry->d_name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child >= 0)
			r = walk(places, child, path, length + 1 + name, depth + 1);
		else if (errno != ENOENT && errno != ENODEV)
			places->whole = false;
	}
	closedir(dir);
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct place *x = a;
	const struct place *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int read_tree(struct places *places, const char *mount)
{
	char path[CGROUP_PATH_MAX];
	struct stat st;
	int fd;
	int r;

	fd = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return 0;
	}
	places->whole = st.st_ino == root_id;
	r = add(places, st.st_ino, "/");
	if (r < 0) {
		close(fd);
		return r;
	}
	r = walk(places, fd, path, 0, 0);
	qsort(places->places, places->count, sizeof(*places->places), compare);
	return r;
}

int places_read(const char *mount, struct places **places)
{
	struct places *new;
	int r = 0;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->read_at = clock_boot_ns();
	if (mount)
		r = read_tree(new, mount);
	if (r < 0) {
		places_free(new);
		return r;
	}
	*places = new;
	return 0;
}

void places_free(struct places *places)
{
	if (!places)
		return;
	for (size_t i = 0; i < places->count; i++)
		free(places->places[i].path);
	free(places->places);
	free(places);
}

const struct places *places_now(uint64_t not_before)
{
	static struct places *now;

	if (now && now->read_at >= not_before)
		return now;
	places_free(now);
	now = NULL;
	return places_read(cgroup_mount_point(), &now) < 0 ? NULL : now;
}

uint64_t places_read_at(const struct places *places)
{
	return places->read_at;
}

bool places_are_whole(const struct places *places)
{
	return places->whole;
}

const char *places_path(const struct places *places, uint64_t id)
{
	const struct place key = {.id = id};
	const struct place *place = NULL;

	if (places->count > 0)
		place = bsearch(&key, places->places, places->count, sizeof(key), compare);
	return place ? place->path : NULL;
}

uint64_t places_id(const struct places *places, const char *path)
{
	for (size_t i = 0; i < places->count; i++) {
		if (strcmp(places->places[i].path, path) == 0)
			return places->places[i].id;
	}
	return 0;
}

bool places_have_container(const struct places *places, const char *id)
{
	for (size_t i = 0; i < places->count; i++) {
		if (cgroup_in_container(places->places[i].path, id))
			return true;
	}
	return false;
}
