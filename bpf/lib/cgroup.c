// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <mntent.h>
#include <stdio.h>
#include <string.h>

#include "bpf/lib/cgroup.h"

const char *cgroup_mount_point(void)
{
	static char mount_point[1024]; /* empty: not found yet */
	const struct mntent *mount;
	FILE *mounts;

	if (mount_point[0] != '\0')
		return mount_point;
	mounts = setmntent("/proc/self/mounts", "re");
	if (!mounts)
		return NULL;
	while (mount_point[0] == '\0' && (mount = getmntent(mounts))) {
		if (strcmp(mount->mnt_type, "cgroup2") == 0)
			snprintf(mount_point, sizeof(mount_point), "%s", mount->mnt_dir);
	}
	endmntent(mounts);
	return mount_point[0] != '\0' ? mount_point : NULL;
}
