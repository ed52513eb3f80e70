/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Compiles the BPF programs for user space, with maps and kernel objects that a test makes.
 *
 * So a test runs the rules themselves, not a copy of them. Include this in one file only. The maps
 * are small, so that they fill up. All programs run one after the other.
 */
#ifndef HB_TESTS_BPF_MODEL_H
#define HB_TESTS_BPF_MODEL_H

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <linux/bpf.h>
#include <linux/types.h>

/* In place of libbpf's headers for BPF programs, terminals and the definitions of the maps. */
#define __BPF_HELPERS__
#define __BPF_CORE_READ_H__
#define __BPF_TRACING_H__
#define HB_MAPS_BPF_H
#ifndef __TARGET_ARCH_x86
#define __TARGET_ARCH_x86
#endif

#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif
#define SEC(name)
#define BPF_PROG(name, ...)	    name(__VA_ARGS__)
#define BPF_SEQ_PRINTF(stream, ...) (void)(stream)

/* BPF_CORE_READ(a, b, c): a->b->c, or 0 where a pointer on the way is NULL. */
#define CORE_1(a, b)                   \
	({                             \
		__auto_type a1_ = (a); \
		a1_ ? a1_->b : 0;      \
	})
#define CORE_2(a, b, c)                         \
	({                                      \
		__auto_type a2_ = CORE_1(a, b); \
		a2_ ? a2_->c : 0;               \
	})
#define CORE_3(a, b, c, d)                         \
	({                                         \
		__auto_type a3_ = CORE_2(a, b, c); \
		a3_ ? a3_->d : 0;                  \
	})
#define CORE_4(a, b, c, d, e)                         \
	({                                            \
		__auto_type a4_ = CORE_3(a, b, c, d); \
		a4_ ? a4_->e : 0;                     \
	})
#define CORE_PICK(a, b, c, d, e, macro, ...) macro
#define BPF_CORE_READ(...)		     CORE_PICK(__VA_ARGS__, CORE_4, CORE_3, CORE_2, CORE_1, )(__VA_ARGS__)

#define bpf_loop(turns, callback, data, flags)                       \
	do {                                                         \
		for (u32 turn_ = 0; turn_ < (u32)(turns); turn_++) { \
			if (callback(turn_, data))                   \
				break;                               \
		}                                                    \
	} while (0)

enum { MODEL_ENTRIES = 16, MODEL_KEY = 16, MODEL_VALUE = 512 };

/* A hash table. A value stays where it is while its entry exists. */
struct model_map {
	size_t key_size;
	size_t value_size;
	size_t max;
	size_t count;
	struct {
		bool used;
		_Alignas(uint64_t) char key[MODEL_KEY];
		_Alignas(uint64_t) char value[MODEL_VALUE];
	} entries[MODEL_ENTRIES];
};

#define bpf_for_each_map_elem(map, callback, data, flags)                          \
	do {                                                                       \
		for (size_t at_ = 0; at_ < MODEL_ENTRIES; at_++) {                 \
			if ((map)->entries[at_].used)                              \
				callback(NULL, (void *)(map)->entries[at_].key,    \
					 (void *)(map)->entries[at_].value, data); \
		}                                                                  \
	} while (0)

static struct model_map considered_pids = {.key_size = sizeof(uint64_t), .value_size = 1};
static struct model_map processes;
static struct model_map cgroups;
static struct model_map programs = {.key_size = 16};
static struct model_map stats = {.key_size = sizeof(uint32_t), .value_size = sizeof(uint64_t)};
/* Rings are not modelled: no slot is open. */
static struct model_map open;
static struct model_map lost;
static struct model_map rings;

static void *bpf_map_lookup_elem(struct model_map *map, const void *key)
{
	for (size_t i = 0; i < MODEL_ENTRIES; i++) {
		if (map->entries[i].used && memcmp(map->entries[i].key, key, map->key_size) == 0)
			return map->entries[i].value;
	}
	return NULL;
}

static int bpf_map_update_elem(struct model_map *map, const void *key, const void *value,
			       uint64_t flags)
{
	void *old = bpf_map_lookup_elem(map, key);

	if (old && flags == BPF_NOEXIST)
		return -EEXIST;
	if (old) {
		memcpy(old, value, map->value_size);
		return 0;
	}
	if (map->count == map->max)
		return -E2BIG;
	for (size_t i = 0; i < MODEL_ENTRIES; i++) {
		if (map->entries[i].used)
			continue;
		map->entries[i].used = true;
		memcpy(map->entries[i].key, key, map->key_size);
		memcpy(map->entries[i].value, value, map->value_size);
		map->count++;
		return 0;
	}
	return -E2BIG;
}

static int bpf_map_delete_elem(struct model_map *map, const void *key)
{
	for (size_t i = 0; i < MODEL_ENTRIES; i++) {
		if (!map->entries[i].used || memcmp(map->entries[i].key, key, map->key_size) != 0)
			continue;
		/* Whoever reads a deleted value finds rubbish there. */
		memset(&map->entries[i], 0xa5, sizeof(map->entries[i]));
		map->entries[i].used = false;
		map->count--;
		return 0;
	}
	return -ENOENT;
}

static void model_clear(struct model_map *map, size_t max)
{
	for (size_t i = 0; i < MODEL_ENTRIES; i++)
		map->entries[i].used = false;
	map->count = 0;
	map->max = max;
}

/* What the programs find in the kernel: a test sets it before it calls one. */
static uint64_t model_now;
static struct task_struct *model_task;
static struct pt_regs *model_registers;

static inline uint64_t bpf_ktime_get_boot_ns(void)
{
	return model_now;
}

static inline struct task_struct *bpf_get_current_task_btf(void)
{
	return model_task;
}

static inline struct pt_regs *bpf_task_pt_regs(const struct task_struct *task)
{
	(void)task;
	return model_registers;
}

static uint64_t bpf_get_current_pid_tgid(void);

static inline int bpf_probe_read_kernel(void *to, uint32_t size, const void *from)
{
	if (!from)
		return -EFAULT;
	memcpy(to, from, size);
	return 0;
}

static inline int bpf_probe_read_kernel_str(char *to, uint32_t size, const char *from)
{
	int length = 0;

	if (!from)
		return -EFAULT;
	while (length < (int)size - 1 && from[length] != '\0') {
		to[length] = from[length];
		length++;
	}
	to[length] = '\0';
	return length + 1;
}

static inline int bpf_ringbuf_output(void *ring, const void *data, uint64_t size, uint64_t flags)
{
	(void)ring;
	(void)data;
	(void)size;
	(void)flags;
	return 0;
}

/* Our warnings are not for BPF programs, which lint-bpf compiles, nor are clang's attributes. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#pragma GCC diagnostic ignored "-Wunused"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wunused-parameter"
/* There is nothing to relocate; the pragma needs some attribute of records. */
#define preserve_access_index annotate("")

#include "bpf/kernel.h"

/* From bpf/maps.bpf.h: constants there, for a test to set here. */
static uint32_t rule;
static uint32_t hook;
static bool any_program;
static bool first_load;

static inline int map_update(struct model_map *map, const void *key, const void *value, u64 flags)
{
	return bpf_map_update_elem(map, key, value, flags);
}

static inline void stat_count(u32 stat)
{
	u64 *value = bpf_map_lookup_elem(&stats, &stat);

	if (value)
		(*value)++;
}

static inline void stat_count_in_order(u32 stat)
{
	stat_count(stat);
}

#include "bpf/heartbeat.h"
#include "bpf/read.bpf.h"
#include "bpf/tty.bpf.h"
#include "bpf/lifetime.bpf.h"
#include "bpf/iterators.bpf.h"

#undef preserve_access_index
#pragma GCC diagnostic pop

static uint64_t bpf_get_current_pid_tgid(void)
{
	return (uint64_t)model_task->tgid << 32 | (uint32_t)model_task->pid;
}

/* Empty maps, as a first load with @rule_now makes them; room for this many records. */
static void model_load(uint32_t rule_now, bool any, size_t max_processes, size_t max_cgroups)
{
	static const uint64_t zero;

	considered_pids.value_size = sizeof(u8);
	processes.key_size = sizeof(u32);
	processes.value_size = sizeof(struct hb_process);
	cgroups.key_size = sizeof(u64);
	cgroups.value_size = sizeof(struct hb_cgroup);
	programs.value_size = sizeof(struct hb_program);
	model_clear(&considered_pids, MODEL_ENTRIES);
	model_clear(&processes, max_processes);
	model_clear(&cgroups, max_cgroups);
	model_clear(&programs, MODEL_ENTRIES);
	model_clear(&stats, MODEL_ENTRIES);
	for (u32 i = 0; i < HB_STATS; i++)
		bpf_map_update_elem(&stats, &i, &zero, BPF_ANY);
	rule = rule_now;
	any_program = any;
	first_load = true;
	unrecorded_since = 0;
	negative_clear_all();
}

#endif
