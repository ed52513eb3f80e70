/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which element of a stub's array is for which hook; kept by a loaded system, like the ABI. */
#ifndef HB_STUBS_BPF_H
#define HB_STUBS_BPF_H

enum {
	STUB_READ_ENTER = 0,
	STUB_READ_EXIT = 1,
	STUB_TRACEPOINTS = 8,
};

enum {
	STUB_EXEC = 0,
	STUB_EXIT = 1,
	STUB_CGROUP_RMDIR = 2,
	STUB_RAW_TRACEPOINTS = 8,
};

#endif
