// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The program that one would write first, to compare with: a read of descriptor 0 by a program on a
 * list is a beat, the verdict on each pid is kept for ever, and each beat wakes the reader of a perf
 * buffer.
 *
 * It can also use a ring buffer, which wakes its reader only if that had read everything, or never.
 * The latter is the least that any program that watches reads has to do.
 */
#include "bpf/kernel.h"
#include "tools/bench/plain.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u64);
	__type(value, u8);
	__uint(max_entries, 32768); /* plain.c sets it to the highest pid */
} pids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, char[16]);
	__type(value, u8);
	__uint(max_entries, PLAIN_NAMES_MAX);
} names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32));
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, PLAIN_RING_SIZE);
} ring SEC(".maps");

const volatile __u32 way = PLAIN_PERF;
__u64 lost;

/* /sys/kernel/tracing/events/syscalls/sys_enter_read/format */
struct read_enter_args {
	u64 common;
	long syscall;
	u64 descriptor;
};

static __always_inline u8 judge(u64 pid)
{
	char name[16] = {};
	u8 verdict;

	bpf_get_current_comm(name, sizeof(name));
	verdict = bpf_map_lookup_elem(&names, name) != NULL;
	bpf_map_update_elem(&pids, &pid, &verdict, BPF_ANY);
	return verdict;
}

SEC("tp/syscalls/sys_enter_read")
int plain_read(struct read_enter_args *args)
{
	struct plain_beat beat = {};
	u8 *known;

	if ((u32)args->descriptor != 0)
		return 0;
	beat.pid = bpf_get_current_pid_tgid() >> 32;
	known = bpf_map_lookup_elem(&pids, &beat.pid);
	if (!(known ? *known : judge(beat.pid)))
		return 0;
	beat.time = bpf_ktime_get_boot_ns();
	if (way == PLAIN_PERF)
		bpf_perf_event_output(args, &events, BPF_F_CURRENT_CPU, &beat, sizeof(beat));
	else if (bpf_ringbuf_output(&ring, &beat, sizeof(beat),
				    way == PLAIN_SILENT ? BPF_RB_NO_WAKEUP : 0) < 0)
		__sync_fetch_and_add(&lost, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
