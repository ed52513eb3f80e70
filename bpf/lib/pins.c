// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "bpf/lib/user.h"

/* Keep in step with maps.bpf.h. */
static const struct {
	const char *name;
	enum bpf_map_type type;
	uint32_t key_size;
	uint32_t value_size;
} maps[PINS_MAPS] = {
	[PINS_CONSIDERED_PIDS] = {HB_PIN_CONSIDERED_PIDS, BPF_MAP_TYPE_HASH, sizeof(__u64),
				  sizeof(__u8)},
	[PINS_PROCESSES] = {HB_PIN_PROCESSES, BPF_MAP_TYPE_HASH, sizeof(__u32),
			    sizeof(struct hb_process)},
	[PINS_CGROUPS] = {HB_PIN_CGROUPS, BPF_MAP_TYPE_HASH, sizeof(__u64),
			  sizeof(struct hb_cgroup)},
	[PINS_PROGRAMS] = {HB_PIN_PROGRAMS, BPF_MAP_TYPE_HASH, HB_COMM_LEN,
			   sizeof(struct hb_program)},
	[PINS_BUSY_PROGRAMS] = {HB_PIN_BUSY_PROGRAMS, BPF_MAP_TYPE_HASH, HB_COMM_LEN, sizeof(__u8)},
	[PINS_META] = {HB_PIN_META, BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(struct hb_meta)},
	[PINS_STATS] = {HB_PIN_STATS, BPF_MAP_TYPE_PERCPU_ARRAY, sizeof(__u32), sizeof(__u64)},
	[PINS_OPEN] = {HB_PIN_OPEN, BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(__u64)},
	[PINS_LOST] = {HB_PIN_LOST, BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(__u64)},
};

const char *pins_map_name(enum pins_map map)
{
	return maps[map].name;
}

const char *pins_path(struct pin_path *path, const char *dir, const char *name)
{
	snprintf(path->text, sizeof(path->text), "%s/%s", dir, name);
	return path->text;
}

static int open_map(const char *dir, const char *name, bool writable, struct bpf_map_info *info)
{
	LIBBPF_OPTS(bpf_obj_get_opts, opts, .file_flags = writable ? 0 : BPF_F_RDONLY);
	uint32_t length = sizeof(*info);
	struct pin_path path;
	int fd;
	int r;

	fd = bpf_obj_get_opts(pins_path(&path, dir, name), &opts);
	if (fd < 0)
		return -errno;
	/*
	 * A program or link answers too, with another structure: what is then taken for type and
	 * sizes of a map will not be those that the caller looks for.
	 */
	r = bpf_obj_get_info_by_fd(fd, info, &length);
	if (r < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

int pins_open(const char *dir, enum pins_map map, bool writable)
{
	struct bpf_map_info info = {0};
	int fd = open_map(dir, maps[map].name, writable, &info);

	if (fd < 0)
		return fd;
	if (info.type != maps[map].type || info.key_size != maps[map].key_size ||
	    info.value_size != maps[map].value_size) {
		close(fd);
		return -EBADMSG;
	}
	return fd;
}

int pins_open_ring(const char *dir, uint32_t slot)
{
	struct bpf_map_info info = {0};
	char name[sizeof(HB_PIN_EVENTS_FMT) + 10];
	int fd;

	snprintf(name, sizeof(name), HB_PIN_EVENTS_FMT, slot);
	fd = open_map(dir, name, true, &info);
	if (fd >= 0 && info.type != BPF_MAP_TYPE_RINGBUF) {
		close(fd);
		return -EBADMSG;
	}
	return fd;
}

int pins_denied(const char *path, struct reason *why)
{
	char part[PINS_PATH_MAX];
	char group_id[USER_NAME_LEN];
	char user_id[USER_NAME_LEN];
	const char *group;
	const char *user;
	struct stat st;
	size_t length;

	user = user_name(geteuid(), user_id);

	/* The first component that the user may not pass is the one to name. */
	snprintf(part, sizeof(part), "%s", path);
	for (length = 1; length <= strlen(path); length++) {
		if (path[length] != '/' && path[length] != '\0')
			continue;
		memcpy(part, path, length);
		part[length] = '\0';
		if (stat(part, &st) < 0)
			break;
		if (path[length] == '/' && access(part, X_OK) < 0)
			break;
	}
	if (stat(part, &st) < 0 || st.st_gid == 0)
		return reason_set(
			why, -EACCES,
			"%s: permission denied for user %s: it is open to root alone; as root: hb-load --group GROUP, and add the user to GROUP",
			part, user);
	group = user_group_name(st.st_gid, group_id);
	return reason_set(
		why, -EACCES,
		"%s: permission denied for user %s: it is open to group %s; as root: adduser %s %s, then log in again",
		part, user, group, user, group);
}

int pins_read_meta(const char *dir, struct hb_meta *meta, struct reason *why)
{
	_cleanup_close_ int fd = -EBADF;
	_cleanup_free_ char *value = NULL;
	struct bpf_map_info info = {0};
	struct pin_path pin;
	const char *path = pins_path(&pin, dir, HB_PIN_META);
	uint32_t key = 0;
	uint32_t abi;

	fd = open_map(dir, HB_PIN_META, false, &info);
	if (fd == -ENOENT || fd == -ENOTDIR)
		return reason_set(why, -ENOENT,
				  "nothing is loaded at %s: run hb-load as root first", dir);
	if (fd == -EACCES || fd == -EPERM)
		return pins_denied(path, why);
	if (fd < 0)
		return reason_set_errno(why, fd, "cannot open %s", path);
	if (info.type != BPF_MAP_TYPE_ARRAY || info.key_size != sizeof(key) ||
	    info.value_size < sizeof(abi))
		return reason_set(why, -EPROTO,
				  "%s is not one of activity-heartbeat's maps: remove it", path);
	/* Another ABI may have another size: only the first member is sure. */
	value = calloc(1, info.value_size);
	if (!value)
		return reason_set_errno(why, -ENOMEM, "cannot read %s", path);
	if (bpf_map_lookup_elem(fd, &key, value) < 0)
		return reason_set_errno(why, -errno, "cannot read %s", path);
	memcpy(&abi, value, sizeof(abi));
	if (abi != HB_ABI_VERSION || info.value_size != sizeof(*meta))
		return reason_set(
			why, -EPROTO,
			"%s was loaded with ABI version %u, this program speaks %d: run hb-load unload, then hb-load, of this version",
			dir, abi, HB_ABI_VERSION);
	memcpy(meta, value, sizeof(*meta));
	return 0;
}

int pins_read_stats(int fd, uint64_t stats[HB_STATS])
{
	_cleanup_free_ uint64_t *values = NULL;
	int cpus = libbpf_num_possible_cpus();

	if (cpus < 0)
		return cpus;
	values = calloc((size_t)cpus, sizeof(*values));
	if (!values)
		return -ENOMEM;
	for (uint32_t i = 0; i < HB_STATS; i++) {
		stats[i] = 0;
		if (bpf_map_lookup_elem(fd, &i, values) < 0)
			return -errno;
		for (int cpu = 0; cpu < cpus; cpu++) {
			if (i != HB_STAT_UNPLACED_AT)
				stats[i] += values[cpu];
			else if (values[cpu] > stats[i])
				stats[i] = values[cpu];
		}
	}
	return 0;
}
