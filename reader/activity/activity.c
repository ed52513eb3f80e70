// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/pidns.h"
#include "reader/activity/activity.h"
#include "reader/activity/busy_work.h"
#include "reader/activity/doubt.h"
#include "reader/text/text.h"

static struct activity nothing_yet(const struct snapshot *snapshot)
{
	return (struct activity){
		.since = snapshot->meta.changed_at,
		.because = ACTIVITY_SINCE_LOAD,
	};
}

/*
 * Fold in what happened at @time. On a tie the stronger reason wins, then the first: times that are
 * rounded have many.
 */
static void take_in(struct activity *activity, uint64_t time, enum activity_since because,
		    const struct snapshot_process *process, uint64_t cgroup_id)
{
	if (because == ACTIVITY_SINCE_KEY && time > activity->last)
		activity->last = time;
	if (time < activity->since || (time == activity->since && because <= activity->because))
		return;
	activity->since = time;
	activity->because = because;
	activity->cgroup_id = cgroup_id;
	activity->pid = process ? process->pid : 0;
	memset(activity->program, 0, sizeof(activity->program));
	if (process)
		memcpy(activity->program, process->record.command, sizeof(activity->program) - 1);
}

static void take_in_process(struct activity *activity, const struct snapshot_process *process)
{
	const struct hb_process *record = &process->record;

	if (snapshot_is_own(record->command))
		return;
	take_in(activity, record->opened_at, ACTIVITY_SINCE_OPENED, process, record->cgroup_id);
	take_in(activity, record->last_key, ACTIVITY_SINCE_KEY, process, record->cgroup_id);
}

static void take_in_cgroup(struct activity *activity, const struct snapshot_cgroup *cgroup)
{
	const struct hb_cgroup *record = &cgroup->record;

	take_in(activity, record->opened_at, ACTIVITY_SINCE_OPENED, NULL, cgroup->id);
	take_in(activity, record->last_key, ACTIVITY_SINCE_KEY, NULL, cgroup->id);
}

/* What ended processes did, with the name of their program. The living have come first. */
static void take_in_ended(struct activity *activity, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->program_count; i++) {
		const struct snapshot_program *program = &snapshot->programs[i];
		struct snapshot_process ended = {.pid = 0};

		if (snapshot_is_own(program->name))
			continue;
		memcpy(ended.record.command, program->name, sizeof(program->name));
		take_in(activity, program->opened_at, ACTIVITY_SINCE_OPENED, &ended, 0);
		take_in(activity, program->last_key, ACTIVITY_SINCE_KEY, &ended, 0);
	}
}

/* @covered: what activity_query_cover() says; NULL: the whole node, or a process. */
static bool selects_busy(const struct snapshot *snapshot, const struct activity_query *query,
			 const bool *covered, const struct snapshot_busy *busy)
{
	const struct hb_busy *record = &busy->record;

	if (query->by == ACTIVITY_PID)
		return record->pid == query->pid;
	return !covered || activity_query_covers(covered, snapshot, record->cgroup_id) ||
	       activity_query_covers(covered, snapshot, record->account_id);
}

/* Last, when it is known from when idle time counts without them. */
static void take_in_busy(const struct snapshot *snapshot, const struct activity_query *query,
			 const bool *covered, struct activity_answer *answer)
{
	uint64_t since = answer->activity.since;

	for (size_t i = 0; i < snapshot->busy_count; i++) {
		const struct snapshot_busy *busy = &snapshot->busy[i];

		if (!selects_busy(snapshot, query, covered, busy))
			continue;
		busy_work_take_in(snapshot, busy, since, &answer->activity);
		if (query->by != ACTIVITY_NODE && answer->activity.because != ACTIVITY_SINCE_BUSY)
			doubt_work(snapshot, busy, since, answer);
	}
}

static int find_process(const struct snapshot *snapshot, const struct activity_query *query,
			struct activity_answer *answer)
{
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct snapshot_process *process = &snapshot->processes[i];

		if (process->pid != query->pid)
			continue;
		/* The exit hook may have been skipped; a collection will notice later. */
		if (pidns_is_initial() && kill((pid_t)query->pid, 0) < 0 && errno == ESRCH)
			break;
		take_in(&answer->activity, process->record.start, ACTIVITY_SINCE_BIRTH, process,
			process->record.cgroup_id);
		take_in_process(&answer->activity, process);
		/* Some of its keys are with a control group, nobody knows which. */
		if (process->record.flags & HB_PROCESS_LATE)
			take_in(&answer->activity, activity_last(snapshot), ACTIVITY_SINCE_KEY,
				process, process->record.cgroup_id);
		take_in_busy(snapshot, query, NULL, answer);
		doubt_process(snapshot, process, answer);
		return 0;
	}
	/* It may be busy without being watched. */
	take_in_busy(snapshot, query, NULL, answer);
	if (answer->activity.because == ACTIVITY_SINCE_BUSY)
		return 0;
	doubt_add(answer, UINT64_MAX,
		  "process %" PRIu32 " does not count, or has ended: see hb-read explain %" PRIu32,
		  query->pid, query->pid);
	return -ENOENT;
}

/* Whether control groups have the right name, of which none is believed: see reader/maps/claims.h. */
static bool is_claimed(const struct snapshot *snapshot, const struct activity_query *query)
{
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		if (activity_query_is_named(query, &snapshot->cgroups[i].record))
			return true;
	}
	return false;
}

/* Say why nothing is selected. */
static int refuse(const struct snapshot *snapshot, const struct activity_query *query,
		  struct activity_answer *answer)
{
	static const char *const kinds[] = {
		[ACTIVITY_NODE] = "node",	    [ACTIVITY_CGROUP] = "control group",
		[ACTIVITY_CONTAINER] = "container", [ACTIVITY_POD] = "pod",
		[ACTIVITY_PID] = "process",
	};
	const char *what = kinds[query->by];

	if (snapshot->cgroup_count == 0) {
		doubt_add(
			answer, UINT64_MAX,
			"hb-load ran in a cgroup namespace, where it saw no control groups: run it on the host");
		return -ENOENT;
	}
	if (snapshot->cgroup_count == 1) {
		doubt_add(answer, UINT64_MAX,
			  "this host has no control groups in the version 2 hierarchy");
		return -EOPNOTSUPP;
	}
	if (is_claimed(snapshot, query))
		doubt_add(
			answer, UINT64_MAX,
			"several control groups have the name of %s %s: ask for one of them by --cgroup",
			what, query->name);
	else if (snapshot->stats[HB_STAT_REFUSED_CGROUPS] > 0)
		doubt_add(
			answer, UINT64_MAX,
			"no record of %s %s: some found the map of control groups full; run hb-load again as root",
			what, query->name);
	else
		doubt_add(answer, UINT64_MAX, "there is no %s %s in the version 2 hierarchy", what,
			  query->name);
	return -ENOENT;
}

static void find_on_node(const struct snapshot *snapshot, struct activity_answer *answer)
{
	for (size_t i = 0; i < snapshot->process_count; i++) {
		take_in_process(&answer->activity, &snapshot->processes[i]);
		doubt_process(snapshot, &snapshot->processes[i], answer);
	}
	for (size_t i = 0; i < snapshot->cgroup_count; i++)
		take_in_cgroup(&answer->activity, &snapshot->cgroups[i]);
	take_in_ended(&answer->activity, snapshot);
}

/*
 * The counts of a group without a record are with a group above it, the nearest that has one. So the
 * groups that are selected have all of them, if the topmost of these has a record: it is found by it.
 */
static int find_selected(const struct snapshot *snapshot, struct activity_query *query,
			 struct activity_answer *answer)
{
	_cleanup_free_ bool *covered = activity_query_cover(query, snapshot);
	bool found = false;

	if (!covered) {
		doubt_add(answer, UINT64_MAX, "not enough memory");
		return -ENOMEM;
	}

	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct snapshot_process *process = &snapshot->processes[i];

		if (!activity_query_covers_process(covered, snapshot, process))
			continue;
		take_in_process(&answer->activity, process);
		doubt_process(snapshot, process, answer);
	}
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		const struct snapshot_cgroup *cgroup = &snapshot->cgroups[i];

		if (!covered[i])
			continue;
		found = true;
		if (!activity_query_covers(covered, snapshot, cgroup->record.parent_id))
			take_in(&answer->activity, cgroup->record.birth, ACTIVITY_SINCE_BIRTH, NULL,
				cgroup->id);
		take_in_cgroup(&answer->activity, cgroup);
	}
	take_in_busy(snapshot, query, covered, answer);
	return found ? 0 : refuse(snapshot, query, answer);
}

int activity_find(const struct snapshot *snapshot, struct activity_query *query,
		  struct activity_answer *answer)
{
	int r = 0;

	*answer = (struct activity_answer){.activity = nothing_yet(snapshot)};
	if (query->by == ACTIVITY_NODE) {
		find_on_node(snapshot, answer);
		take_in_busy(snapshot, query, NULL, answer);
	} else if (query->by == ACTIVITY_PID) {
		r = find_process(snapshot, query, answer);
	} else {
		r = find_selected(snapshot, query, answer);
	}
	answer->missing = r < 0;
	/* That nothing is selected is doubt enough. */
	if (r == 0)
		doubt_records(snapshot, query, answer);
	return r;
}

uint64_t activity_last(const struct snapshot *snapshot)
{
	struct activity_answer answer = {0};

	find_on_node(snapshot, &answer);
	return answer.activity.last;
}

/* By cgroup, and there what idle time counts from first, with its process if that is known. */
static int compare(const void *a, const void *b)
{
	const struct activity *x = a;
	const struct activity *y = b;

	if (x->cgroup_id != y->cgroup_id)
		return x->cgroup_id < y->cgroup_id ? -1 : 1;
	if (x->since != y->since)
		return x->since > y->since ? -1 : 1;
	if (x->because != y->because)
		return x->because > y->because ? -1 : 1;
	return (x->pid < y->pid) - (x->pid > y->pid);
}

/* Sum up the activities of each cgroup in a sorted list. Returns their number. */
static size_t merge(struct activity *list, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || list[kept - 1].cgroup_id != list[i].cgroup_id)
			list[kept++] = list[i];
		else if (list[i].last > list[kept - 1].last)
			list[kept - 1].last = list[i].last;
	}
	return kept;
}

/* The birth of the control group with @id, if it has a record. */
static void take_in_birth(struct activity *activity, const struct snapshot *snapshot, uint64_t id)
{
	const struct snapshot_cgroup *cgroup = snapshot_find_cgroup(snapshot, id);

	if (cgroup)
		take_in(activity, cgroup->record.birth, ACTIVITY_SINCE_BIRTH, NULL, id);
}

static bool was_used(const struct hb_cgroup *record)
{
	return record->beats > 0 || record->last_key > 0 || record->opened_at > 0;
}

int activity_each(const struct snapshot *snapshot, struct activity_query *query,
		  struct activity **result, size_t *result_count)
{
	_cleanup_free_ bool *covered = activity_query_cover(query, snapshot);
	size_t count = 0;
	struct activity *list;

	if (!covered)
		return -ENOMEM;
	/* One more: calloc(0) may return NULL. */
	list = calloc(snapshot->process_count + snapshot->cgroup_count + snapshot->busy_count + 1,
		      sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct snapshot_process *process = &snapshot->processes[i];

		if (query->by == ACTIVITY_PID
			    ? process->pid != query->pid
			    : !activity_query_covers_process(covered, snapshot, process))
			continue;
		list[count] = nothing_yet(snapshot);
		if (query->by != ACTIVITY_PID)
			take_in_birth(&list[count], snapshot, process->record.cgroup_id);
		take_in_process(&list[count], process);
		list[count++].cgroup_id = process->record.cgroup_id;
	}
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		const struct snapshot_cgroup *cgroup = &snapshot->cgroups[i];

		if (query->by == ACTIVITY_PID || !was_used(&cgroup->record) || !covered[i])
			continue;
		list[count] = nothing_yet(snapshot);
		take_in(&list[count], cgroup->record.birth, ACTIVITY_SINCE_BIRTH, NULL, cgroup->id);
		take_in_cgroup(&list[count], cgroup);
		list[count++].cgroup_id = cgroup->id;
	}
	for (size_t i = 0; i < snapshot->busy_count; i++) {
		const struct snapshot_busy *busy = &snapshot->busy[i];

		if (selects_busy(snapshot, query, covered, busy) &&
		    busy_work_counts(snapshot, busy))
			busy_work_take_in(snapshot, busy, busy->group_since, &list[count++]);
	}
	qsort(list, count, sizeof(*list), compare);
	*result = list;
	*result_count = merge(list, count);
	return 0;
}
