/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The system call bpf(2), for programs that do without libbpf. */
#ifndef HB_TESTS_BPF_H
#define HB_TESTS_BPF_H

#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

static inline long sys_bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

#endif
