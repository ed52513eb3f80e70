// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/lib/cgroup.h"
#include "bpf/lib/pidns.h"
#include "reader/activity/activity.h"

uint64_t activity_watching_since(const struct snapshot *snapshot)
{
	const struct hb_meta *meta = &snapshot->meta;

	/* A later load may have brought another list or rule. */
	return meta->updated_at > meta->loaded_at ? meta->updated_at : meta->loaded_at;
}

static struct activity nothing_yet(const struct snapshot *snapshot)
{
	return (struct activity){
		.since = activity_watching_since(snapshot),
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
	if (because >= ACTIVITY_SINCE_READ && time > activity->last)
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

/* Fold in the last key, or the last beat if the hook cannot tell keys. */
static void take_in_input(struct activity *activity, const struct snapshot *snapshot,
			  uint64_t last_key, uint64_t last_beat,
			  const struct snapshot_process *process, uint64_t cgroup_id)
{
	if (snapshot->meta.flags & HB_META_KEYS)
		take_in(activity, last_key, ACTIVITY_SINCE_KEY, process, cgroup_id);
	else
		take_in(activity, last_beat, ACTIVITY_SINCE_READ, process, cgroup_id);
}

static void take_in_process(struct activity *activity, const struct snapshot *snapshot,
			    const struct snapshot_process *process)
{
	const struct hb_process *record = &process->record;

	if (snapshot_is_own(record->command))
		return;
	take_in(activity, record->start, ACTIVITY_SINCE_START, process, record->cgroup_id);
	take_in_input(activity, snapshot, record->last_key, record->last_beat, process,
		      record->cgroup_id);
}

static void take_in_cgroup(struct activity *activity, const struct snapshot *snapshot,
			   const struct snapshot_cgroup *cgroup)
{
	take_in_input(activity, snapshot, cgroup->record.last_key, cgroup->record.last_beat, NULL,
		      cgroup->id);
}

/*
 * The record of a cgroup is deleted with it, as at the end of a session, but programs remember. They
 * have no time of the last key, so any beat counts: idle time is too short at worst.
 */
static void take_in_ended(struct activity *activity, const struct snapshot *snapshot)
{
	bool beats_are_keys = snapshot->meta.rule == HB_RULE_KEYS;

	for (size_t i = 0; i < snapshot->program_count; i++) {
		const struct snapshot_program *program = &snapshot->programs[i];
		struct snapshot_process ended = {.pid = 0};

		if (snapshot_is_own(program->name))
			continue;
		memcpy(ended.record.command, program->name, sizeof(program->name));
		take_in(activity, program->last_ended,
			beats_are_keys ? ACTIVITY_SINCE_KEY : ACTIVITY_SINCE_READ, &ended, 0);
	}
}

__attribute__((format(printf, 3, 4))) static void doubt(struct activity_answer *answer,
							uint64_t until, const char *format, ...)
{
	va_list args;

	/* The doubt that lasts longest is the one to report. */
	if (answer->doubt_until >= until)
		return;
	answer->doubt_until = until;
	va_start(args, format);
	vsnprintf(answer->doubt, sizeof(answer->doubt), format, args);
	va_end(args);
}

/* Add what casts doubt on all records of cgroups and processes. */
static void doubt_records(const struct snapshot *snapshot, const struct activity_query *query,
			  struct activity_answer *answer)
{
	uint64_t refused = snapshot->stats[HB_STAT_REFUSED_CGROUPS] +
			   snapshot->stats[HB_STAT_REFUSED_PROCESSES];

	if (query->blind)
		doubt(answer, UINT64_MAX, "%s", query->blind);
	if (refused > 0 && query->by != ACTIVITY_PID)
		doubt(answer, UINT64_MAX,
		      "%" PRIu64
		      " processes or control groups did not fit into the maps and may have been active unseen: run hb-load unload, then hb-load, as root",
		      refused);
	if (!snapshot->exact)
		doubt(answer, UINT64_MAX,
		      "the maps change faster than they can be read: try again");
}

/* Add the doubt about a cgroup of unknown place: it concerns what happened there, nothing later. */
static void doubt_place(struct activity_answer *answer, const struct activity *other)
{
	if (other->last > answer->activity.since)
		doubt(answer, other->last,
		      "control group %" PRIu64
		      " was active, but a control group namespace or a mount hides where it is",
		      other->cgroup_id);
}

static int find_process(const struct snapshot *snapshot, const struct activity_query *query,
			struct activity_answer *answer)
{
	for (size_t i = 0; i < snapshot->process_count; i++) {
		if (snapshot->processes[i].pid != query->pid)
			continue;
		/* The exit hook may have been skipped; a collection will notice later. */
		if (pidns_is_initial() && kill((pid_t)query->pid, 0) < 0 && errno == ESRCH)
			break;
		take_in_process(&answer->activity, snapshot, &snapshot->processes[i]);
		return 0;
	}
	doubt(answer, UINT64_MAX,
	      "process %" PRIu32 " does not count, or has ended: see hb-read explain %" PRIu32,
	      query->pid, query->pid);
	return -ENOENT;
}

/* Check that what the query selects exists. */
static int find_selected(const struct snapshot *snapshot, const struct activity_query *query,
			 const struct cgroup_tree *tree, struct activity_answer *answer)
{
	int r = activity_query_exists(query, snapshot, tree);

	if (r == -EOPNOTSUPP)
		doubt(answer, UINT64_MAX,
		      "control groups are not visible: no version 2 hierarchy is mounted here");
	else if (r < 0 && query->by == ACTIVITY_CGROUP)
		doubt(answer, UINT64_MAX, "there is no control group %s below %s", query->name,
		      cgroup_mount_point());
	else if (r < 0)
		doubt(answer, UINT64_MAX, "there is no container %s in the version 2 hierarchy",
		      query->name);
	return r;
}

static void find_on_node(const struct snapshot *snapshot, struct activity *activity)
{
	*activity = nothing_yet(snapshot);
	for (size_t i = 0; i < snapshot->process_count; i++)
		take_in_process(activity, snapshot, &snapshot->processes[i]);
	for (size_t i = 0; i < snapshot->cgroup_count; i++)
		take_in_cgroup(activity, snapshot, &snapshot->cgroups[i]);
	take_in_ended(activity, snapshot);
}

static bool covers(const struct snapshot *snapshot, const struct activity_query *query,
		   const struct cgroup_tree *tree, uint64_t id)
{
	return activity_query_covers(query, snapshot, tree, id) == ACTIVITY_COVERS;
}

static void find_covered(const struct snapshot *snapshot, const struct activity_query *query,
			 const struct cgroup_tree *tree, struct activity_answer *answer)
{
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct snapshot_process *process = &snapshot->processes[i];

		if (covers(snapshot, query, tree, process->record.cgroup_id))
			take_in_process(&answer->activity, snapshot, process);
	}
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		if (covers(snapshot, query, tree, snapshot->cgroups[i].id))
			take_in_cgroup(&answer->activity, snapshot, &snapshot->cgroups[i]);
	}
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		const struct snapshot_cgroup *cgroup = &snapshot->cgroups[i];
		struct activity other = nothing_yet(snapshot);

		if (activity_query_covers(query, snapshot, tree, cgroup->id) !=
		    ACTIVITY_COVERS_MAYBE)
			continue;
		take_in_cgroup(&other, snapshot, cgroup);
		doubt_place(answer, &other);
	}
}

int activity_find(const struct snapshot *snapshot, const struct activity_query *query,
		  const struct cgroup_tree *tree, struct activity_answer *answer)
{
	int r;

	*answer = (struct activity_answer){.activity = nothing_yet(snapshot)};
	switch (query->by) {
	case ACTIVITY_NODE:
		find_on_node(snapshot, &answer->activity);
		r = 0;
		break;
	case ACTIVITY_PID:
		r = find_process(snapshot, query, answer);
		break;
	default:
		r = find_selected(snapshot, query, tree, answer);
		if (r == 0)
			find_covered(snapshot, query, tree, answer);
		break;
	}
	/* That what is selected does not exist is doubt enough. */
	if (r == 0)
		doubt_records(snapshot, query, answer);
	return r;
}

uint64_t activity_last(const struct snapshot *snapshot)
{
	struct activity activity;

	find_on_node(snapshot, &activity);
	return activity.last;
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

int activity_each(const struct snapshot *snapshot, const struct activity_query *query,
		  const struct cgroup_tree *tree, struct activity **result, size_t *result_count)
{
	size_t count = 0;
	struct activity *list;

	/* One more: calloc(0) may return NULL. */
	list = calloc(snapshot->process_count + snapshot->cgroup_count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct snapshot_process *process = &snapshot->processes[i];
		uint64_t id = process->record.cgroup_id;

		if (query->by == ACTIVITY_PID ? process->pid != query->pid
					      : !covers(snapshot, query, tree, id))
			continue;
		list[count] = nothing_yet(snapshot);
		take_in_process(&list[count], snapshot, process);
		list[count++].cgroup_id = id;
	}
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		const struct snapshot_cgroup *cgroup = &snapshot->cgroups[i];

		if (query->by == ACTIVITY_PID || !covers(snapshot, query, tree, cgroup->id))
			continue;
		list[count] = nothing_yet(snapshot);
		take_in_cgroup(&list[count], snapshot, cgroup);
		list[count++].cgroup_id = cgroup->id;
	}
	qsort(list, count, sizeof(*list), compare);
	*result = list;
	*result_count = merge(list, count);
	return 0;
}

/* Is a cgroup of @snapshot missing in @tree? */
static bool lacks_any(const struct snapshot *snapshot, const struct cgroup_tree *tree)
{
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		if (!cgroup_tree_path(tree, snapshot->cgroups[i].id))
			return true;
	}
	for (size_t i = 0; i < snapshot->process_count; i++) {
		if (!cgroup_tree_path(tree, snapshot->processes[i].record.cgroup_id))
			return true;
	}
	return false;
}

const struct cgroup_tree *activity_cgroup_tree(const struct snapshot *snapshot)
{
	const struct cgroup_tree *tree = cgroup_tree_recent();

	if (tree && cgroup_tree_read_at(tree) < snapshot->taken_at && lacks_any(snapshot, tree))
		tree = cgroup_tree_now(snapshot->taken_at);
	return tree;
}
