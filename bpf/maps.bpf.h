/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Defines the maps.
 *
 * heartbeat.h defines keys and values; keep in step with lib/pins.c. hb-load sets the sizes that
 * depend on options and pins the maps. An upgrade reuses the pinned maps.
 */
#ifndef HB_MAPS_BPF_H
#define HB_MAPS_BPF_H

#include "bpf/kernel.h"
#include "bpf/heartbeat.h"

/* enum hb_rule: which reads are beats. hb-load sets it before loading. */
const volatile __u32 rule = HB_RULE_ANY;

/* Every program counts that reads a key from a terminal: HB_ANY_PROGRAM is on the list. */
const volatile bool any_program = false;

/* enum hb_method: how the kernel reports reads. */
const volatile __u32 hook = HB_METHOD_TRACEPOINT;

/* Nothing was loaded before. */
const volatile bool first_load = true;

/*
 * key: u64 pid, value: u8 verdict. It has no BTF for key and value, so that bpftool dumps plain
 * bytes. Like all hashes here it is not preallocated, to save memory on an idle machine.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(key_size, sizeof(u64));
	__uint(value_size, sizeof(u8));
	__uint(max_entries, HB_MAX_PIDS_DEFAULT);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} considered_pids SEC(".maps");

/* key: u32 pid */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u32);
	__type(value, struct hb_process);
	__uint(max_entries, HB_PROCESSES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} processes SEC(".maps");

/* key: u64 cgroup id */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u64);
	__type(value, struct hb_cgroup);
	__uint(max_entries, HB_CGROUPS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} cgroups SEC(".maps");

/* key: command name, padded with NUL. Only hb-load adds and deletes keys. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, char[HB_COMM_LEN]);
	__type(value, struct hb_program);
	__uint(max_entries, HB_PROGRAMS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} programs SEC(".maps");

/* key: command name, padded with NUL; the value is not used. Only hb-load writes it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, char[HB_COMM_LEN]);
	__type(value, u8);
	__uint(max_entries, HB_BUSY_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} busy_programs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, u32);
	__type(value, struct hb_meta);
	__uint(max_entries, 1);
} meta SEC(".maps");

/* key: enum hb_stat */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, u32);
	__type(value, u64);
	__uint(max_entries, HB_STATS);
} stats SEC(".maps");

/* One element: bit mask of the open reader slots. Readers map it into their memory. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, u32);
	__type(value, u64);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
} open SEC(".maps");

/* key: slot, value: beats that did not fit into its ring */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, u32);
	__type(value, u64);
	__uint(max_entries, HB_READERS_MAX);
} lost SEC(".maps");

/* A template of a ring: hb-load makes the real ones, in the size asked for. */
struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

/* key: slot, value: its ring of struct hb_beat */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, HB_READERS_MAX);
	__type(key, u32);
	__array(values, struct ring);
} rings SEC(".maps");

/*
 * Update @map. Returns 0 or -errno as an int: before Linux 6.4 the upper half of the result may not
 * be sign-extended.
 */
static __always_inline int map_update(void *map, const void *key, const void *value, u64 flags)
{
	return (int)bpf_map_update_elem(map, key, value, flags);
}

static __always_inline void stat_count(u32 stat)
{
	u64 *value = bpf_map_lookup_elem(&stats, &stat);

	if (value)
		(*value)++;
}

/*
 * The same, in order: a reader that sees a later write sees the count, and a reader that sees the count
 * sees all earlier writes. Only atomic instructions that fetch are such barriers, so the result must be
 * used.
 */
static __always_inline void stat_count_in_order(u32 stat)
{
	u64 *value = bpf_map_lookup_elem(&stats, &stat);
	u64 before;

	if (!value)
		return;
	before = __sync_fetch_and_add(value, 1);
	asm volatile("" : : "r"(before));
}

#endif
