// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * forge - try everything that an ordinary user must not be able to do with the pins
 *
 *	forge PIN_DIR		everything that members of the group must not do either
 *	forge PIN_DIR --read	reading, which only members may do
 *
 * Prints a line for each attempt: `refused WHAT: errno` or `SUCCEEDED WHAT`. Exits with 1 if anything
 * succeeded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "tests/lib/bpf.h"
#include "tests/lib/program.h"

enum { PATH_LEN = 512, IDS_MAX = 20000, VALUE_MAX = 1 << 16 };

/* The maps that only the kernel's programs and root may change. */
static const char *const protected_maps[] = {
	HB_PIN_CONSIDERED_PIDS,
	HB_PIN_PROCESSES,
	HB_PIN_CGROUPS,
	HB_PIN_PROGRAMS,
	HB_PIN_META,
	HB_PIN_STATS,
	HB_PIN_LOST,
	HB_PIN_BUSY_PROGRAMS,
};

static const char *const iterators[] = {HB_PIN_COLLECT, HB_PIN_CONSIDERED, HB_PIN_PEERS,
					HB_PIN_BUSY};

static const char *pin_dir;
static int succeeded;

static void path_of(char path[PATH_LEN], const char *name)
{
	snprintf(path, PATH_LEN, "%s/%s", pin_dir, name);
}

/* Only a lack of permission is a refusal. Any other error may be a mistake in this program. */
static void report(long result, const char *how, const char *what)
{
	int err = errno;

	if (result < 0 && (err == EPERM || err == EACCES)) {
		printf("refused %s %s: %s\n", how, what, strerror(err));
	} else {
		printf("SUCCEEDED %s %s: %s\n", how, what, result < 0 ? strerror(err) : "done");
		succeeded = 1;
	}
}

static int get(const char *name, uint32_t flags)
{
	char path[PATH_LEN];
	union bpf_attr attr = {.pathname = (uintptr_t)path, .file_flags = flags};

	path_of(path, name);
	return (int)sys_bpf(BPF_OBJ_GET, &attr);
}

/* Try to change a map through a descriptor that the kernel gave out. */
static void try_changes(int fd, const char *name)
{
	static char key[VALUE_MAX];
	static char value[VALUE_MAX];
	union bpf_attr element = {.map_fd = (uint32_t)fd,
				  .key = (uintptr_t)key,
				  .value = (uintptr_t)value};
	union bpf_attr which = {.map_fd = (uint32_t)fd, .key = (uintptr_t)key};
	union bpf_attr map = {.map_fd = (uint32_t)fd};
	union bpf_attr batch = {0};
	char path[PATH_LEN];
	union bpf_attr pin = {.pathname = (uintptr_t)path, .bpf_fd = (uint32_t)fd};

	batch.batch.map_fd = (uint32_t)fd;
	batch.batch.keys = (uintptr_t)key;
	batch.batch.values = (uintptr_t)value;
	batch.batch.count = 1;
	report(sys_bpf(BPF_MAP_UPDATE_ELEM, &element), "update", name);
	report(sys_bpf(BPF_MAP_DELETE_ELEM, &which), "delete", name);
	report(sys_bpf(BPF_MAP_LOOKUP_AND_DELETE_ELEM, &element), "lookup and delete", name);
	report(sys_bpf(BPF_MAP_UPDATE_BATCH, &batch), "update batch", name);
	report(sys_bpf(BPF_MAP_DELETE_BATCH, &batch), "delete batch", name);
	report(sys_bpf(BPF_MAP_FREEZE, &map), "freeze", name);
	path_of(path, "forged");
	report(sys_bpf(BPF_OBJ_PIN, &pin), "pin beside", name);
}

static void try_map(const char *name)
{
	static const struct {
		uint32_t flags;
		const char *how;
	} modes[] = {{0, "open for both"}, {BPF_F_WRONLY, "open for writing"}};
	int fd;

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		fd = get(name, modes[i].flags);
		report(fd, modes[i].how, name);
		if (fd < 0)
			continue;
		try_changes(fd, name);
		close(fd);
	}
	fd = get(name, BPF_F_RDONLY);
	if (fd < 0)
		return;
	try_changes(fd, name);
	close(fd);
}

/* Only root may open links: whoever holds one can detach it. */
static void try_link(const char *name)
{
	union bpf_attr attr = {0};
	int fd;

	/* A link can only be opened for reading and writing; open(2) reads an iterator. */
	fd = get(name, 0);
	report(fd, "open link", name);
	if (fd < 0)
		return;
	attr.link_detach.link_fd = (uint32_t)fd;
	report(sys_bpf(BPF_LINK_DETACH, &attr), "detach", name);
	close(fd);
}

static void try_ids(int command, const char *kind)
{
	union bpf_attr attr;
	long fd = -1;

	errno = ENOENT;
	for (uint32_t id = 1; id < IDS_MAX && fd < 0; id++) {
		memset(&attr, 0, sizeof(attr));
		attr.map_id = id; /* in one union with link_id and prog_id */
		fd = sys_bpf(command, &attr);
	}
	report(fd, "by number", kind);
	if (fd >= 0)
		close((int)fd);
}

static void try_files(const char *name)
{
	char path[PATH_LEN];
	char other[PATH_LEN];

	path_of(path, name);
	path_of(other, "forged");
	report(rename(path, other), "rename", name);
	report(unlink(path), "unlink", name);
	report(chmod(path, 0666), "chmod", name);
	report(chown(path, geteuid(), (gid_t)-1), "chown", name);
	report(link(path, other), "link", name);
}

static void try_directories(void)
{
	static const char *const directories[] = {"forged", "readers/forged", "readers/0/forged",
						  "hooks/forged"};
	char path[PATH_LEN];

	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		path_of(path, directories[i]);
		report(mkdir(path, 0700), "mkdir", directories[i]);
		report(symlink("/", path), "symlink", directories[i]);
	}
	path_of(path, HB_PIN_HOOKS);
	report(open(path, O_RDONLY | O_DIRECTORY), "open", HB_PIN_HOOKS);
	path_of(path, HB_PIN_READERS);
	report(rmdir(path), "rmdir", HB_PIN_READERS);
	report(chmod(pin_dir, 0777), "chmod", pin_dir);
}

static void try_reading(void)
{
	char path[PATH_LEN];

	for (size_t i = 0; i < sizeof(protected_maps) / sizeof(*protected_maps); i++)
		report(get(protected_maps[i], BPF_F_RDONLY), "open for reading", protected_maps[i]);
	report(get("readers/0/events", BPF_F_RDONLY), "open for reading", "readers/0/events");
	report(get(HB_PIN_OPEN, BPF_F_RDONLY), "open for reading", HB_PIN_OPEN);
	for (size_t i = 0; i < sizeof(iterators) / sizeof(*iterators); i++) {
		path_of(path, iterators[i]);
		report(open(path, O_RDONLY), "open", iterators[i]);
	}
	path_of(path, "readers/0");
	report(open(path, O_RDONLY | O_DIRECTORY), "open", "readers/0");
	report(open(pin_dir, O_RDONLY | O_DIRECTORY), "open", pin_dir);
}

int main(int argc, char *argv[])
{
	if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "--read") != 0)) {
		fputs("usage: forge PIN_DIR [--read]\n", stderr);
		return EXIT_USAGE;
	}
	pin_dir = argv[1];
	if (argc == 3) {
		try_reading();
		return succeeded;
	}
	for (size_t i = 0; i < sizeof(protected_maps) / sizeof(*protected_maps); i++) {
		try_map(protected_maps[i]);
		try_files(protected_maps[i]);
	}
	for (size_t i = 0; i < sizeof(iterators) / sizeof(*iterators); i++) {
		try_link(iterators[i]);
		try_files(iterators[i]);
	}
	try_files("readers/0/events");
	try_directories();
	try_ids(BPF_MAP_GET_FD_BY_ID, "maps");
	try_ids(BPF_PROG_GET_FD_BY_ID, "programs");
	try_ids(BPF_LINK_GET_FD_BY_ID, "links");
	return succeeded;
}
