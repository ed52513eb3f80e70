// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <grp.h>
#include <pwd.h>
#include <stdio.h>

#include "bpf/lib/user.h"

const char *user_name(uid_t uid, char buffer[USER_NAME_LEN])
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(buffer, USER_NAME_LEN, "%s", user->pw_name);
	else
		snprintf(buffer, USER_NAME_LEN, "%u", uid);
	return buffer;
}

const char *user_group_name(gid_t gid, char buffer[USER_NAME_LEN])
{
	const struct group *group = getgrgid(gid);

	if (group)
		snprintf(buffer, USER_NAME_LEN, "%s", group->gr_name);
	else
		snprintf(buffer, USER_NAME_LEN, "%u", gid);
	return buffer;
}
