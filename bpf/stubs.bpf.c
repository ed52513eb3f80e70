// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What is attached, for as long as anything is loaded: stubs that jump through an array to the
 * programs of heartbeat.bpf.c. An upgrade replaces the elements of the array, each in one step, so
 * that each read is seen by the old program or by the new one, and never by both or none. (Links
 * to tracepoints cannot be updated.)
 *
 *	tp/syscalls/sys_enter_read, tp/syscalls/sys_exit_read
 *	raw_tp/sched_process_exec, raw_tp/sched_process_exit, raw_tp/cgroup_rmdir
 *
 * The programs in an array must be of one type.
 */
#include "kernel.h"
#include "stubs.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, STUB_TRACEPOINTS);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32));
} tracepoints SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, STUB_RAW_TRACEPOINTS);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32));
} raw_tracepoints SEC(".maps");

SEC("tp/syscalls/sys_enter_read")
int stub_read_enter(void *ctx)
{
	bpf_tail_call(ctx, &tracepoints, STUB_READ_ENTER);
	return 0;
}

SEC("tp/syscalls/sys_exit_read")
int stub_read_exit(void *ctx)
{
	bpf_tail_call(ctx, &tracepoints, STUB_READ_EXIT);
	return 0;
}

SEC("raw_tp/sched_process_exec")
int stub_exec(void *ctx)
{
	bpf_tail_call(ctx, &raw_tracepoints, STUB_EXEC);
	return 0;
}

SEC("raw_tp/sched_process_exit")
int stub_exit(void *ctx)
{
	bpf_tail_call(ctx, &raw_tracepoints, STUB_EXIT);
	return 0;
}

SEC("raw_tp/cgroup_rmdir")
int stub_cgroup_rmdir(void *ctx)
{
	bpf_tail_call(ctx, &raw_tracepoints, STUB_CGROUP_RMDIR);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
