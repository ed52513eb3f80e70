// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <sys/stat.h>

#include "bpf/lib/pidns.h"

/* PROC_PID_INIT_INO of the kernel. */
static const ino_t initial_inode = 0xeffffffc;

bool pidns_is_initial(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == initial_inode;
}
