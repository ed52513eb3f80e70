/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names users and groups. */
#ifndef HB_LIB_USER_H
#define HB_LIB_USER_H

#include <sys/types.h>

enum { USER_NAME_LEN = 64 };

/** user_name - the name of user @uid; or its number if it has none, as in many containers */
const char *user_name(uid_t uid, char buffer[USER_NAME_LEN]);

/** user_group_name - the same for group @gid */
const char *user_group_name(gid_t gid, char buffer[USER_NAME_LEN]);

#endif
