// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that do nothing at the hooks on read(2), to measure what a hook costs by itself. */
#include "bpf/kernel.h"

SEC("tp/syscalls/sys_enter_read")
int empty_tracepoint(void *args)
{
	return 0;
}

SEC("tp/syscalls/sys_exit_read")
int empty_exit(void *args)
{
	return 0;
}

SEC("fentry/" SYS_READ_HOOK)
int empty_fentry(void *args)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
