// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pinned - read the pinned maps, or change them, with bpf(2) alone
 *
 * This checks what hb-read prints, so it shares only heartbeat.h with the programs under test. Each
 * command prints plain words, and `none` for an entry that does not exist.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "tests/kernel/pinned.h"
#include "tests/lib/bpf.h"
#include "tests/lib/program.h"

enum { TRIES = 1000, CPUS_MAX = 4096 };

const char *pin_dir;

static uint64_t stat_sum(uint32_t stat)
{
	static uint64_t values[CPUS_MAX];
	int fd = open_map(HB_PIN_STATS, false);
	uint64_t sum = 0;

	memset(values, 0, sizeof(values));
	look_up(fd, &stat, values);
	close(fd);
	for (int cpu = 0; cpu < CPUS_MAX; cpu++)
		sum += values[cpu];
	return sum;
}

static uint64_t beats_once(int programs, int processes, const char *name)
{
	struct hb_program program = {0};
	struct hb_process process = {0};
	uint64_t sum;
	uint32_t pid;
	uint32_t next = 0;

	look_up(programs, name, &program);
	sum = program.beats;
	for (bool more = next_key(processes, NULL, &next); more;
	     more = next_key(processes, &pid, &next)) {
		pid = next;
		if (look_up(processes, &pid, &process) && strcmp(process.command, name) == 0)
			sum += process.beats;
	}
	return sum;
}

/*
 * Add up the beats of processes that have ended and of those that live. The sum is right only if no
 * process ended meanwhile, which the counters of folds show.
 */
static void print_beats(const char *argument)
{
	int processes = open_map(HB_PIN_PROCESSES, false);
	int programs = open_map(HB_PIN_PROGRAMS, false);
	char name[HB_COMM_LEN] = "";
	uint64_t sum;

	snprintf(name, sizeof(name), "%s", argument);
	for (int i = 0; i < TRIES; i++) {
		uint64_t done = stat_sum(HB_STAT_FOLDS_DONE);

		if (stat_sum(HB_STAT_FOLDS_BEGUN) != done)
			continue;
		sum = beats_once(programs, processes, name);
		if (stat_sum(HB_STAT_FOLDS_BEGUN) != done)
			continue;
		printf("%llu\n", (unsigned long long)sum);
		return;
	}
	errno = EAGAIN;
	die("beats");
}

static void print_process(const char *argument)
{
	uint32_t pid = (uint32_t)strtoul(argument, NULL, 10);
	struct hb_process process = {0};

	if (!look_up(open_map(HB_PIN_PROCESSES, false), &pid, &process)) {
		puts("none");
		return;
	}
	printf("beats=%llu last_beat=%llu last_key=%llu start=%llu opened=%llu cgroup=%llu uid=%u tty=%u:%u flags=%u command=%.16s\n",
	       (unsigned long long)process.beats, (unsigned long long)process.last_beat,
	       (unsigned long long)process.last_key, (unsigned long long)process.start,
	       (unsigned long long)process.opened_at, (unsigned long long)process.cgroup_id,
	       process.uid, process.tty >> 20, process.tty & 0xfffff, process.flags,
	       process.command);
}

static void print_verdict(const char *argument)
{
	uint64_t pid = strtoull(argument, NULL, 10);
	uint8_t verdict = 0;

	if (look_up(open_map(HB_PIN_CONSIDERED_PIDS, false), &pid, &verdict))
		printf("%u\n", verdict);
	else
		puts("none");
}

static void print_verdicts(const char *argument)
{
	int fd = open_map(HB_PIN_CONSIDERED_PIDS, false);
	unsigned int count[2] = {0, 0};
	uint8_t verdict = 0;
	uint64_t next = 0;
	uint64_t pid;

	(void)argument;
	for (bool more = next_key(fd, NULL, &next); more; more = next_key(fd, &pid, &next)) {
		pid = next;
		if (look_up(fd, &pid, &verdict))
			count[verdict & 1]++;
	}
	printf("zeros=%u ones=%u\n", count[0], count[1]);
}

static void print_keys(int fd, size_t size)
{
	uint64_t next = 0;
	uint64_t key;

	for (bool more = next_key(fd, NULL, &next); more; more = next_key(fd, &key, &next)) {
		key = next;
		printf("%llu\n",
		       (unsigned long long)(size == sizeof(uint32_t) ? (uint32_t)key : key));
	}
}

/* Print each pid that has a verdict, and each that has a record: some appear twice. */
static void print_pids(const char *argument)
{
	(void)argument;
	print_keys(open_map(HB_PIN_CONSIDERED_PIDS, false), sizeof(uint64_t));
	print_keys(open_map(HB_PIN_PROCESSES, false), sizeof(uint32_t));
}

static void print_cgroup(const char *argument)
{
	uint64_t id = strtoull(argument, NULL, 10);
	struct hb_cgroup cgroup = {0};

	if (look_up(open_map(HB_PIN_CGROUPS, false), &id, &cgroup))
		printf("beats=%llu last_beat=%llu last_key=%llu birth=%llu parent=%llu name=%s\n",
		       (unsigned long long)cgroup.beats, (unsigned long long)cgroup.last_beat,
		       (unsigned long long)cgroup.last_key, (unsigned long long)cgroup.birth,
		       (unsigned long long)cgroup.parent_id, cgroup.name);
	else
		puts("none");
}

static void print_stat(const char *argument)
{
	static const struct {
		const char *name;
		uint32_t stat;
	} stats[] = {
		{"stdin_reads", HB_STAT_STDIN_READS},
		{"refused_processes", HB_STAT_REFUSED_PROCESSES},
		{"refused_verdicts", HB_STAT_REFUSED_VERDICTS},
		{"refused_cgroups", HB_STAT_REFUSED_CGROUPS},
		{"collected", HB_STAT_COLLECTED},
	};

	for (size_t i = 0; i < sizeof(stats) / sizeof(*stats); i++)
		if (strcmp(argument, stats[i].name) == 0)
			printf("%llu\n", (unsigned long long)stat_sum(stats[i].stat));
}

static void print_open(const char *argument)
{
	uint32_t zero = 0;
	uint64_t mask = 0;

	(void)argument;
	look_up(open_map(HB_PIN_OPEN, false), &zero, &mask);
	printf("%llu\n", (unsigned long long)mask);
}

static void print_lost(const char *argument)
{
	uint32_t slot = (uint32_t)strtoul(argument, NULL, 10);
	uint64_t lost = 0;

	look_up(open_map(HB_PIN_LOST, false), &slot, &lost);
	printf("%llu\n", (unsigned long long)lost);
}

static void print_meta(const char *argument)
{
	struct hb_meta meta = {0};
	uint32_t zero = 0;

	(void)argument;
	look_up(open_map(HB_PIN_META, false), &zero, &meta);
	printf("abi=%u rule=%u hook=%u readers=%u ring_size=%llu max_pids=%u busy_for=%u loaded_at=%llu updated_at=%llu changed_at=%llu build=%.64s\n",
	       meta.abi, meta.rule, meta.hook, meta.readers, (unsigned long long)meta.ring_size,
	       meta.max_pids, meta.busy_for, (unsigned long long)meta.loaded_at,
	       (unsigned long long)meta.updated_at, (unsigned long long)meta.changed_at,
	       meta.build);
}

static void print_programs(const char *argument)
{
	int fd = open_map(HB_PIN_PROGRAMS, false);
	char next[HB_COMM_LEN];
	char name[HB_COMM_LEN];

	(void)argument;
	for (bool more = next_key(fd, NULL, next); more; more = next_key(fd, name, next)) {
		memcpy(name, next, sizeof(name));
		printf("%.16s\n", name);
	}
}

/* Make the kernel count the runs of BPF programs, and their time, until this process ends. */
static void count_runs(const char *argument)
{
	union bpf_attr attr = {0};

	(void)argument;
	attr.enable_stats.type = BPF_STATS_RUN_TIME;
	if (sys_bpf(BPF_ENABLE_STATS, &attr) < 0)
		die("run-time statistics");
	puts("ready");
	fflush(stdout);
	pause();
}

static const struct {
	const char *name;
	void (*run)(const char *argument);
} commands[] = {
	{"beats", print_beats},
	{"process", print_process},
	{"verdict", print_verdict},
	{"verdicts", print_verdicts},
	{"cgroup", print_cgroup},
	{"programs", print_programs},
	{"stat", print_stat},
	{"open", print_open},
	{"lost", print_lost},
	{"meta", print_meta},
	{"set-abi", set_abi},
	{"set-verdict", set_verdict},
	{"set-process", set_process},
	{"fill", fill},
	{"pids", print_pids},
	{"count-runs", count_runs},
	{"delete-process", delete_process},
	{"drop-filled", drop_filled},
};

int main(int argc, char *argv[])
{
	for (size_t i = 0; argc > 2 && i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(argv[2], commands[i].name) != 0)
			continue;
		pin_dir = argv[1];
		commands[i].run(argc > 3 ? argv[3] : "");
		return 0;
	}
	fputs("usage: pinned PIN_DIR COMMAND [ARGUMENT]\n", stderr);
	return EXIT_USAGE;
}
