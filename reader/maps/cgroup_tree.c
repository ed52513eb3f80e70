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
#include "reader/maps/cgroup_tree.h"

/* Bounds of the walk: far beyond what nodes have, and it ends all the same. */
enum { DEPTH_MAX = 32, PLACES_MAX = 50000 };

/* Of the whole hierarchy; what a namespace shows as the root has another number. */
static const uint64_t root_id = 1;

struct place {
	uint64_t id;
	char *path;
};

struct cgroup_tree {
	uint64_t read_at;
	bool whole;
	size_t count;
	struct place *tree; /* by id */
};

static int add(struct cgroup_tree *tree, uint64_t id, const char *path)
{
	/* Its room doubles at powers of two. */
	if ((tree->count & (tree->count - 1)) == 0) {
		struct place *more =
			reallocarray(tree->tree, tree->count ? tree->count * 2 : 1, sizeof(*more));

		if (!more)
			return -ENOMEM;
		tree->tree = more;
	}
	tree->tree[tree->count].id = id;
	tree->tree[tree->count].path = strdup(path);
	if (!tree->tree[tree->count].path)
		return -ENOMEM;
	tree->count++;
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
static int walk(struct cgroup_tree *tree, int fd, char path[CGROUP_PATH_MAX], size_t length,
		int depth)
{
	const struct dirent *entry;
	int r = 0;
	DIR *dir;

	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		tree->whole = false;
		return 0;
	}
	while (r == 0 && (entry = readdir(dir))) {
		size_t name = strlen(entry->d_name);
		int child;

		if (!is_child(entry))
			continue;
		if (length + 1 + name >= CGROUP_PATH_MAX || depth == DEPTH_MAX ||
		    tree->count == PLACES_MAX) {
			tree->whole = false;
			continue;
		}
		path[length] = '/';
		memcpy(path + length + 1, entry->d_name, name + 1);
		r = add(tree, entry->d_ino, path);
		if (r < 0)
			break;
		child = openat(dirfd(dir), entry->d_name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child >= 0)
			r = walk(tree, child, path, length + 1 + name, depth + 1);
		else if (errno != ENOENT && errno != ENODEV)
			tree->whole = false;
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

static int read_tree(struct cgroup_tree *tree, const char *mount)
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
	tree->whole = st.st_ino == root_id;
	r = add(tree, st.st_ino, "/");
	if (r < 0) {
		close(fd);
		return r;
	}
	r = walk(tree, fd, path, 0, 0);
	qsort(tree->tree, tree->count, sizeof(*tree->tree), compare);
	return r;
}

int cgroup_tree_read(const char *mount, struct cgroup_tree **tree)
{
	struct cgroup_tree *new;
	int r = 0;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->read_at = clock_boot_ns();
	if (mount)
		r = read_tree(new, mount);
	if (r < 0) {
		cgroup_tree_free(new);
		return r;
	}
	*tree = new;
	return 0;
}

void cgroup_tree_free(struct cgroup_tree *tree)
{
	if (!tree)
		return;
	for (size_t i = 0; i < tree->count; i++)
		free(tree->tree[i].path);
	free(tree->tree);
	free(tree);
}

const struct cgroup_tree *cgroup_tree_now(uint64_t not_before)
{
	static struct cgroup_tree *now;

	if (now && now->read_at >= not_before)
		return now;
	cgroup_tree_free(now);
	now = NULL;
	return cgroup_tree_read(cgroup_mount_point(), &now) < 0 ? NULL : now;
}

uint64_t cgroup_tree_read_at(const struct cgroup_tree *tree)
{
	return tree->read_at;
}

bool cgroup_tree_is_whole(const struct cgroup_tree *tree)
{
	return tree->whole;
}

const char *cgroup_tree_path(const struct cgroup_tree *tree, uint64_t id)
{
	const struct place key = {.id = id};
	const struct place *place = NULL;

	if (tree->count > 0)
		place = bsearch(&key, tree->tree, tree->count, sizeof(key), compare);
	return place ? place->path : NULL;
}

uint64_t cgroup_tree_id(const struct cgroup_tree *tree, const char *path)
{
	for (size_t i = 0; i < tree->count; i++) {
		if (strcmp(tree->tree[i].path, path) == 0)
			return tree->tree[i].id;
	}
	return 0;
}

bool cgroup_tree_has_container(const struct cgroup_tree *tree, const char *id)
{
	for (size_t i = 0; i < tree->count; i++) {
		if (cgroup_in_container(tree->tree[i].path, id))
			return true;
	}
	return false;
}
