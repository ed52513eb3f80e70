/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the version 2 hierarchy of control groups. */
#ifndef HB_CGROUP_H
#define HB_CGROUP_H

/** cgroup_mount_point - where the version 2 hierarchy is mounted; NULL: nowhere in our view */
const char *cgroup_mount_point(void);

#endif
