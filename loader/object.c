// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

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

int object_open(struct heartbeat_bpf **skeleton, struct reason *why)
{
	*skeleton = heartbeat_bpf__open();
	return *skeleton ? 0 : reason_set_errno(why, -errno, "cannot open the BPF object");
}

void object_configure(struct heartbeat_bpf *skeleton, uint32_t rule, uint32_t max_pids)
{
	skeleton->rodata->rule = rule;
	bpf_map__set_max_entries(skeleton->maps.considered_pids, max_pids);
}

int object_reuse_maps(struct heartbeat_bpf *skeleton, const char *dir)
{
	struct pin_path path;
	int r = 0;

	for (unsigned int map = 0; map < PINS_MAPS && r == 0; map++)
		r = pin_reuse(find_map(skeleton, map), pins_open(dir, map, true),
			      pins_path(&path, dir, pins_map_name(map)));
	return r;
}

int object_load(struct heartbeat_bpf *skeleton, uint32_t method)
{
	int r = heartbeat_bpf__load(skeleton);

	if (r == 0)
		return 0;
	log_errno(r, "cannot load the programs of hook %s (see hb-load check)",
		  method_name(method));
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
