// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE /* group_member */
#include <errno.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/lib/capabilities.h"
#include "loader/privileges.h"

/* PROC_USER_INIT_INO of the kernel. */
static const ino_t initial_inode = 0xeffffffd;

/* There a process has all capabilities, but bpf(2) wants those of the initial namespace. */
static bool is_in_user_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino != initial_inode;
}

int privileges_check_root(struct reason *why)
{
	if (geteuid() == 0)
		return 0;
	return reason_set(why, -EPERM, "user %u is not root: sudo hb-load", geteuid());
}

int privileges_check(struct reason *why)
{
	bool bpf = capabilities_have(CAP_BPF);
	bool perfmon = capabilities_have(CAP_PERFMON);
	int r = privileges_check_root(why);

	if (r < 0)
		return r;
	if (is_in_user_namespace())
		return reason_set(
			why, -EPERM,
			"this is a user namespace, where root may not load: run it on the host");
	/* CAP_SYS_ADMIN includes the other two: capabilities(7). */
	if (capabilities_have(CAP_SYS_ADMIN) || (bpf && perfmon))
		return 0;
	return reason_set(why, -EPERM,
			  "%s%s%s taken away from root: give it back (in a container: --cap-add)",
			  bpf ? "" : "CAP_BPF", bpf || perfmon ? "" : " and ",
			  perfmon ? "" : "CAP_PERFMON");
}

int privileges_check_group(gid_t gid, const char *path, struct reason *why)
{
	struct stat st;

	/* The owner of a file may give it to a group of his own: chown(2). */
	if (capabilities_have(CAP_CHOWN) || gid == getegid() || group_member(gid) > 0 ||
	    (stat(path, &st) == 0 && st.st_gid == gid))
		return 0;
	return reason_set(
		why, -EPERM,
		"CAP_CHOWN was taken away from root, who cannot give pins to group %u without it: give it back (in a container: --cap-add)",
		gid);
}

int privileges_drop(enum privileges_step done)
{
	uint64_t bpf = CAPABILITY(BPF);
	uint64_t keep = 0;

	/* It includes the other two. */
	if (!capabilities_have(CAP_BPF))
		bpf = CAPABILITY(SYS_ADMIN);
	switch (done) {
	case PRIVILEGES_CHECKED:
		/* CAP_SYS_ADMIN mounts what is not mounted: the BPF file system, and tracefs. */
		keep |= CAPABILITY(PERFMON) | CAPABILITY(SYS_ADMIN);
		/* fall through */
	case PRIVILEGES_ATTACHED:
		keep |= bpf;
		/* fall through */
	case PRIVILEGES_WRITTEN:
		keep |= CAPABILITY(CHOWN);
		/* fall through */
	case PRIVILEGES_PERMITTED:
		break;
	}
	return capabilities_keep(keep);
}
