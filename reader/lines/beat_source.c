// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/log.h"
#include "bpf/lib/pins.h"
#include "reader/lines/beat_source.h"
#include "reader/maps/cgroup_tree.h"
#include "reader/text/json.h"

/* Each pid or id has one place it can be in; who comes later to the same place drives it out. */
enum { PROCESSES = 256, CGROUPS = 64 };

struct process {
	uint32_t pid; /* 0: the place is free */
	bool known;
	uint64_t batch; /* in which it was looked up */
	struct hb_process record;
};

struct cgroup {
	uint64_t id;			      /* 0: the place is free */
	char *path;			      /* as a JSON string; NULL: not known */
	char container[CGROUP_CONTAINER_LEN]; /* empty: none */
};

struct beat_sources {
	int processes_fd;
	int cgroups_fd;
	uint64_t batch;
	struct beat_source about;
	struct process processes[PROCESSES];
	struct cgroup cgroups[CGROUPS];
};

static int open_map(const char *pin_dir, enum pins_map map, int *fd)
{
	*fd = pins_open(pin_dir, map, false);
	if (*fd < 0)
		return log_errno(*fd, "%s/%s", pin_dir, pins_map_name(map));
	return 0;
}

int beat_sources_open(const char *pin_dir, struct beat_sources **details)
{
	struct beat_sources *made = calloc(1, sizeof(*made));
	int r;

	if (!made)
		return log_errno(-ENOMEM, "details of processes");
	made->processes_fd = made->cgroups_fd = -EBADF;
	r = open_map(pin_dir, PINS_PROCESSES, &made->processes_fd);
	if (r == 0)
		r = open_map(pin_dir, PINS_CGROUPS, &made->cgroups_fd);
	if (r < 0) {
		beat_sources_close(made);
		return r;
	}
	*details = made;
	return 0;
}

void beat_sources_close(struct beat_sources *details)
{
	if (!details)
		return;
	for (int i = 0; i < CGROUPS; i++)
		free(details->cgroups[i].path);
	close_fd(details->cgroups_fd);
	close_fd(details->processes_fd);
	free(details);
}

void beat_sources_expire(struct beat_sources *details)
{
	details->batch++;
}

/* As a JSON string, or NULL: it would not fit into a line. */
static char *quote_path(const char *path)
{
	char quoted[BEAT_FORMAT_CGROUP_MAX];
	/* Cut or not is told by what the same text makes of more room. */
	char longer[BEAT_FORMAT_CGROUP_MAX + JSON_ESCAPED_MAX];
	size_t length = strlen(path);

	if (json_escape(longer, sizeof(longer), path, length) !=
	    json_escape(quoted, sizeof(quoted), path, length))
		return NULL;
	return strdup(quoted);
}

/* The leaf's name is kept by the kernel's side: for a cgroup that is not visible from here. */
static void name_from_record(struct beat_sources *details, struct cgroup *cgroup)
{
	struct hb_cgroup record;

	if (bpf_map_lookup_elem(details->cgroups_fd, &cgroup->id, &record) < 0)
		return;
	record.name[sizeof(record.name) - 1] = '\0';
	cgroup_container(record.name, cgroup->container);
}

static const struct cgroup *find_cgroup(struct beat_sources *details, uint64_t id, uint32_t pid)
{
	struct cgroup *cgroup = &details->cgroups[id % CGROUPS];
	char path[CGROUP_PATH_MAX];

	if (cgroup->id == id)
		return cgroup;
	free(cgroup->path);
	*cgroup = (struct cgroup){.id = id};
	if (cgroup_tree_find(id, pid, path) < 0) {
		name_from_record(details, cgroup);
		return cgroup;
	}
	cgroup->path = quote_path(path);
	cgroup_container(path, cgroup->container);
	return cgroup;
}

/*
 * A pid is used again, by a program run in its place at once. Beats of the later one are after its
 * start, and those of an earlier program in the same process were counted further than this one's.
 */
static bool is_of(const struct hb_process *record, const struct hb_beat *beat)
{
	return record->start <= beat->time && beat->seq <= record->beats;
}

/* See that @process is about the one that made @beat, as far as that can be known. */
static void find_process(struct beat_sources *details, struct process *process,
			 const struct hb_beat *beat)
{
	struct hb_process record;

	if (process->pid == beat->pid && process->batch == details->batch && beat->seq != 1)
		return;
	/* What is remembered is good for a process that has ended, but not for the next one. */
	if (process->pid != beat->pid || beat->seq == 1)
		process->known = false;
	process->pid = beat->pid;
	process->batch = details->batch;
	if (bpf_map_lookup_elem(details->processes_fd, &beat->pid, &record) < 0 ||
	    !is_of(&record, beat))
		return;
	process->record = record;
	process->known = true;
}

const struct beat_source *beat_sources_find(struct beat_sources *details,
					    const struct hb_beat *beat)
{
	struct process *process = &details->processes[beat->pid % PROCESSES];
	struct beat_source *about = &details->about;
	const struct cgroup *cgroup;

	find_process(details, process, beat);
	if (!process->known)
		return NULL;
	cgroup = find_cgroup(details, process->record.cgroup_id, beat->pid);
	memcpy(about->program, process->record.command, sizeof(about->program));
	about->uid = process->record.uid;
	about->tty = process->record.tty;
	about->cgroup_id = process->record.cgroup_id;
	about->cgroup = cgroup->path;
	about->container = cgroup->container[0] != '\0' ? cgroup->container : NULL;
	return about;
}
