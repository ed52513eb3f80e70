// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/lib/cgroup.h"
#include "bpf/lib/cleanup.h"
#include "bpf/lib/clock.h"
#include "bpf/lib/units.h"
#include "reader/array.h"
#include "reader/maps/cgroup_tree.h"

/* Bounds of the walk, far beyond what nodes have, so that it always ends. */
enum { DEPTH_MAX = 32, NODES_MAX = 50000 };

/* Of the whole hierarchy. What a namespace shows as the root has another id. */
static const uint64_t root_id = 1;

struct node {
	uint64_t id;
	char *path;
};

struct cgroup_tree {
	uint64_t read_at;
	bool whole;
	size_t count;
	struct node *nodes; /* by id */
};

static int add(struct cgroup_tree *tree, uint64_t id, const char *path)
{
	struct node *node = array_append(tree->nodes, tree->count);

	if (!node)
		return -ENOMEM;
	node->id = id;
	node->path = strdup(path);
	return node->path ? 0 : -ENOMEM;
}

static bool is_child(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
	       strcmp(entry->d_name, "..") != 0;
}

/*
 * Add what is below the directory @fd, and close it. Its path is the first @length bytes of @path. A
 * control group that is removed meanwhile leaves the tree whole.
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
		    tree->count == NODES_MAX) {
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
	const struct node *x = a;
	const struct node *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int read_tree(struct cgroup_tree *tree, const char *mount)
{
	char path[CGROUP_PATH_MAX];
	struct stat st;
	int fd;
	int r;

	fd = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		close_fd(fd);
		return 0;
	}
	r = add(tree, st.st_ino, "/");
	if (r < 0) {
		close(fd);
		return r;
	}
	tree->whole = st.st_ino == root_id;
	r = walk(tree, fd, path, 0, 0);
	qsort(tree->nodes, tree->count, sizeof(*tree->nodes), compare);
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
		free(tree->nodes[i].path);
	free(tree->nodes);
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

const struct cgroup_tree *cgroup_tree_recent(void)
{
	uint64_t now = clock_boot_ns();

	return cgroup_tree_now(now > NS_PER_S ? now - NS_PER_S : 0);
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
	const struct node key = {.id = id};
	const struct node *node = NULL;

	if (tree->count > 0)
		node = bsearch(&key, tree->nodes, tree->count, sizeof(key), compare);
	return node ? node->path : NULL;
}

uint64_t cgroup_tree_id(const struct cgroup_tree *tree, const char *path)
{
	for (size_t i = 0; i < tree->count; i++) {
		if (strcmp(tree->nodes[i].path, path) == 0)
			return tree->nodes[i].id;
	}
	return 0;
}

bool cgroup_tree_has_container(const struct cgroup_tree *tree, const char *id)
{
	for (size_t i = 0; i < tree->count; i++) {
		if (cgroup_in_container(tree->nodes[i].path, id))
			return true;
	}
	return false;
}

void cgroup_tree_cut_users(struct cgroup_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		cgroup_cut_user(tree->nodes[i].path);
}

/* Is @path below @mount that of control group @id? */
static bool has_id(const char *mount, const char *path, uint64_t id)
{
	char full[1024 + CGROUP_PATH_MAX];
	struct stat st;

	snprintf(full, sizeof(full), "%s%s", mount, path);
	return stat(full, &st) == 0 && st.st_ino == id;
}

/* Use the present path of @pid if it is that of @id. It is relative to a cgroup namespace. */
static int find_by_process(uint64_t id, uint32_t pid, char path[CGROUP_PATH_MAX])
{
	const char *mount = cgroup_mount_point();
	char name[sizeof("/proc/4294967295/cgroup")];
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	int r = -ENOENT;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%u/cgroup", pid);
	file = fopen(name, "re");
	if (!file)
		return -ENOENT;
	while (mount && r < 0 && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::/", 4) != 0 || strlen(line + 3) >= CGROUP_PATH_MAX ||
		    !has_id(mount, line + 3, id))
			continue;
		strcpy(path, line + 3);
		r = 0;
	}
	fclose(file);
	return r;
}

int cgroup_tree_find(uint64_t id, uint32_t pid, char path[CGROUP_PATH_MAX])
{
	uint64_t now = clock_boot_ns();
	const struct cgroup_tree *tree;
	const char *found;

	if (pid != 0 && find_by_process(id, pid, path) == 0)
		return 0;
	tree = cgroup_tree_recent();
	found = tree ? cgroup_tree_path(tree, id) : NULL;
	/* The group may be younger than that tree. */
	if (!found) {
		tree = cgroup_tree_now(now);
		found = tree ? cgroup_tree_path(tree, id) : NULL;
	}
	snprintf(path, CGROUP_PATH_MAX, "%s", found ? found : "");
	return found ? 0 : -ENOENT;
}
