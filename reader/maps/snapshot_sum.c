// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "reader/array.h"
#include "reader/maps/claims.h"
#include "reader/maps/snapshot_sum.h"

/* Of the version 2 hierarchy; it always has a record. */
enum { ROOT_CGROUP_ID = 1 };

int snapshot_add_process(void *data, const void *key, const void *value)
{
	struct snapshot *snapshot = data;
	struct snapshot_process *process;

	process = array_append(snapshot->processes, snapshot->process_count);
	if (!process)
		return -ENOMEM;
	memcpy(&process->pid, key, sizeof(process->pid));
	memcpy(&process->record, value, sizeof(process->record));
	return 0;
}

int snapshot_add_cgroup(void *data, const void *key, const void *value)
{
	struct snapshot *snapshot = data;
	struct snapshot_cgroup *cgroup;

	cgroup = array_append(snapshot->cgroups, snapshot->cgroup_count);
	if (!cgroup)
		return -ENOMEM;
	*cgroup = (struct snapshot_cgroup){0};
	memcpy(&cgroup->id, key, sizeof(cgroup->id));
	memcpy(&cgroup->record, value, sizeof(cgroup->record));
	cgroup->record.name[sizeof(cgroup->record.name) - 1] = '\0';
	return 0;
}

int snapshot_add_program(void *data, const void *key, const void *value)
{
	const struct hb_program *ended = value;
	struct snapshot *snapshot = data;
	struct snapshot_program *program;

	program = array_append(snapshot->programs, snapshot->program_count);
	if (!program)
		return -ENOMEM;
	memset(program, 0, sizeof(*program));
	memcpy(program->name, key, sizeof(program->name) - 1);
	program->beats = ended->beats;
	program->last_beat = ended->last_beat;
	program->last_key = ended->last_key;
	program->opened_at = ended->opened_at;
	program->listed = true;
	return 0;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_processes(const void *a, const void *b)
{
	return compare_numbers(((const struct snapshot_process *)a)->pid,
			       ((const struct snapshot_process *)b)->pid);
}

static int compare_cgroups(const void *a, const void *b)
{
	return compare_numbers(((const struct snapshot_cgroup *)a)->id,
			       ((const struct snapshot_cgroup *)b)->id);
}

static int compare_programs(const void *a, const void *b)
{
	return memcmp(((const struct snapshot_program *)a)->name,
		      ((const struct snapshot_program *)b)->name, HB_COMM_LEN);
}

static void sort(void *array, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	if (count > 1)
		qsort(array, count, size, compare);
}

struct snapshot_cgroup *snapshot_find_cgroup(const struct snapshot *snapshot, uint64_t id)
{
	struct snapshot_cgroup key = {.id = id};

	if (snapshot->cgroup_count == 0)
		return NULL;
	return bsearch(&key, snapshot->cgroups, snapshot->cgroup_count, sizeof(key),
		       compare_cgroups);
}

static struct snapshot_program *find_program(const struct snapshot *snapshot, const char *name)
{
	struct snapshot_program key = {0};

	if (snapshot->program_count == 0)
		return NULL;
	snprintf(key.name, sizeof(key.name), "%s", name);
	return bsearch(&key, snapshot->programs, snapshot->program_count, sizeof(key),
		       compare_programs);
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void sort_programs(struct snapshot *snapshot)
{
	sort(snapshot->programs, snapshot->program_count, sizeof(*snapshot->programs),
	     compare_programs);
}

/* Find the program of a process, or add it. */
static struct snapshot_program *program_of(struct snapshot *snapshot, const char *command)
{
	static const struct hb_program none;
	struct snapshot_program *program;
	char name[HB_COMM_LEN] = {0};

	program = find_program(snapshot, command);
	if (!program)
		program = find_program(snapshot, HB_ANY_PROGRAM);
	if (program)
		return program;
	snprintf(name, sizeof(name), "%s", command);
	if (snapshot_add_program(snapshot, name, &none) < 0)
		return NULL;
	sort_programs(snapshot);
	program = find_program(snapshot, command);
	if (program)
		program->listed = false;
	return program;
}

static void raise_times(struct hb_cgroup *cgroup, uint64_t last_beat, uint64_t last_key,
			uint64_t opened_at)
{
	cgroup->last_beat = later(cgroup->last_beat, last_beat);
	cgroup->last_key = later(cgroup->last_key, last_key);
	cgroup->opened_at = later(cgroup->opened_at, opened_at);
}

/* Cgroups that were read twice become one, with the later of all times. */
static void merge_cgroups(struct snapshot *snapshot)
{
	struct snapshot_cgroup *cgroups = snapshot->cgroups;
	size_t kept = 0;

	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		const struct hb_cgroup *record = &cgroups[i].record;

		if (kept == 0 || cgroups[kept - 1].id != cgroups[i].id)
			cgroups[kept++] = cgroups[i];
		else
			raise_times(&cgroups[kept - 1].record, record->last_beat, record->last_key,
				    record->opened_at);
	}
	snapshot->cgroup_count = kept;
}

/*
 * Where @process counts. Its group and all above it had no record, or were removed: the process ended
 * unseen, and no collection has found that yet. Then it counts as in the kernel: credit_account() in
 * bpf/account.bpf.h.
 */
static struct snapshot_cgroup *account_of(struct snapshot *snapshot,
					  const struct hb_process *process)
{
	struct snapshot_cgroup *cgroup = snapshot_find_cgroup(snapshot, process->account_id);
	uint64_t *unplaced = &snapshot->stats[HB_STAT_UNPLACED_AT];

	if (cgroup)
		return cgroup;
	*unplaced = later(*unplaced, later(process->last_beat, process->last_key));
	*unplaced = later(*unplaced, process->opened_at);
	return snapshot_find_cgroup(snapshot, ROOT_CGROUP_ID);
}

int snapshot_sum(struct snapshot *snapshot)
{
	sort(snapshot->processes, snapshot->process_count, sizeof(*snapshot->processes),
	     compare_processes);
	sort(snapshot->cgroups, snapshot->cgroup_count, sizeof(*snapshot->cgroups),
	     compare_cgroups);
	merge_cgroups(snapshot);
	sort_programs(snapshot);
	for (size_t i = 0; i < snapshot->process_count; i++) {
		struct hb_process *process = &snapshot->processes[i].record;
		struct snapshot_program *program;
		struct snapshot_cgroup *cgroup;

		process->command[sizeof(process->command) - 1] = '\0';
		program = program_of(snapshot, process->command);
		if (!program)
			return -ENOMEM;
		program->processes++;
		program->beats += process->beats;
		program->last_beat = later(program->last_beat, process->last_beat);

		cgroup = account_of(snapshot, process);
		if (cgroup)
			cgroup->record.beats += process->beats - process->beats_elsewhere;
		if (snapshot_is_own(process->command))
			continue;
		program->last_key = later(program->last_key, process->last_key);
		if (cgroup)
			raise_times(&cgroup->record, process->last_beat, process->last_key,
				    process->opened_at);
	}
	return claims_judge(snapshot);
}

uint64_t snapshot_lost(const struct snapshot *snapshot)
{
	uint64_t lost = 0;

	for (uint32_t i = 0; i < HB_READERS_MAX; i++)
		lost += snapshot->lost[i];
	return lost;
}

bool snapshot_is_own(const char command[HB_COMM_LEN])
{
	char name[HB_COMM_LEN] = {0};

	prctl(PR_GET_NAME, name);
	return strncmp(command, name, sizeof(name)) == 0;
}

void snapshot_release(struct snapshot *snapshot)
{
	free(snapshot->processes);
	free(snapshot->cgroups);
	free(snapshot->programs);
	free(snapshot->busy_programs);
	free(snapshot->busy);
	memset(snapshot, 0, sizeof(*snapshot));
}
