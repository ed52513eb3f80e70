// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "heartbeat.skel.h"

#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/pins.h"
#include "loader/object.h"
#include "loader/pin.h"

/* A map is named like the last component of its pin. */
static struct bpf_map *find_map(const struct heartbeat_bpf *skeleton, enum pins_map map)
{
	const char *name = pins_map_name(map);
	const char *slash = strrchr(name, '/');

	return bpf_object__find_map_by_name(skeleton->obj, slash ? slash + 1 : name);
}

int object_open(struct heartbeat_bpf **skeleton, const struct object_config *config,
		struct reason *why)
{
	*skeleton = heartbeat_bpf__open();
	if (!*skeleton)
		return reason_set_errno(why, -errno, "cannot open the BPF object");
	(*skeleton)->rodata->rule = config->rule;
	(*skeleton)->rodata->any_program = config->any_program;
	(*skeleton)->rodata->first_load = config->first_load;
	return 0;
}

int object_make_pids(const char *name, uint32_t size, struct reason *why)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	int fd = bpf_map_create(BPF_MAP_TYPE_HASH, name, sizeof(__u64), sizeof(__u8), size, &opts);

	return fd < 0 ? reason_set_errno(why, -errno, "cannot make a map of %u pids", size) : fd;
}

int object_reuse_pids(struct heartbeat_bpf *skeleton, int pids, struct reason *why)
{
	int r = bpf_map__reuse_fd(skeleton->maps.considered_pids, pids);

	return r < 0 ? reason_set_errno(why, r, "cannot use the map of pids") : 0;
}

int object_reuse_maps(struct heartbeat_bpf *skeleton, const char *dir, struct reason *why)
{
	struct pin_path path;
	int r = 0;

	for (unsigned int map = 0; map < PINS_MAPS && r == 0; map++)
		r = pin_reuse(find_map(skeleton, map), pins_open(dir, map, true),
			      pins_path(&path, dir, pins_map_name(map)), why);
	return r;
}

int object_load(struct heartbeat_bpf *skeleton, uint32_t method, struct reason *why)
{
	int r = heartbeat_bpf__load(skeleton);

	if (r == 0)
		return 0;
	reason_set_errno(why, r, "hook %s is not available", method_name(method));
	/* -EINVAL comes from the kernel here, and would look like wrong usage. */
	return r == -EINVAL ? -EOPNOTSUPP : r;
}

int object_pin_maps(const struct heartbeat_bpf *skeleton, const char *dir)
{
	int r = 0;

	for (unsigned int map = 0; map < PINS_MAPS && r == 0; map++)
		r = pin_object(bpf_map__fd(find_map(skeleton, map)), dir, pins_map_name(map));
	return r;
}
