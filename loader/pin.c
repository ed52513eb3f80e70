// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "loader/pin.h"

int pin_object(int fd, const char *dir, const char *name)
{
	struct pin_path path;

	if (bpf_obj_pin(fd, pins_path(&path, dir, name)) < 0)
		return log_errno(-errno, "cannot pin %s", path.text);
	return 0;
}

int pin_reuse(struct bpf_map *map, int fd, const char *path, struct reason *why)
{
	int r = fd < 0 ? fd : bpf_map__reuse_fd(map, fd);

	close_fd(fd);
	if (r < 0)
		return reason_set_errno(why, r, "cannot use %s (run hb-load unload first)", path);
	return 0;
}
