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
#include "reader/maps/claims.h"
#include "reader/text/json.h"

/* Both caches are direct-mapped: each pid or id has one entry, which others evict. */
enum { PROCESSES = 256, CGROUPS = 64 };

struct known_process {
	uint32_t pid; /* 0: free */
	bool known;
	uint64_t batch; /* of the last lookup */
	struct hb_process record;
};

struct known_cgroup {
	uint64_t id;			      /* 0: free */
	char *path;			      /* as a JSON string; NULL: unknown */
	char container[CGROUP_CONTAINER_LEN]; /* empty: none */
};

struct beat_sources {
	int processes_fd;
	int cgroups_fd;
	uint64_t batch;
	struct beat_source source;
	struct known_process processes[PROCESSES];
	struct known_cgroup cgroups[CGROUPS];
};

static int open_map(const char *pin_dir, enum pins_map map, int *fd)
{
	*fd = pins_open(pin_dir, map, false);
	if (*fd < 0)
		return log_errno(*fd, "%s/%s", pin_dir, pins_map_name(map));
	return 0;
}

int beat_sources_open(const char *pin_dir, struct beat_sources **sources)
{
	struct beat_sources *made = calloc(1, sizeof(*made));
	int r;

	if (!made)
		return log_errno(-ENOMEM, "cache of processes");
	made->processes_fd = made->cgroups_fd = -EBADF;
	r = open_map(pin_dir, PINS_PROCESSES, &made->processes_fd);
	if (r == 0)
		r = open_map(pin_dir, PINS_CGROUPS, &made->cgroups_fd);
	if (r < 0) {
		beat_sources_close(made);
		return r;
	}
	*sources = made;
	return 0;
}

void beat_sources_close(struct beat_sources *sources)
{
	if (!sources)
		return;
	for (int i = 0; i < CGROUPS; i++)
		free(sources->cgroups[i].path);
	close_fd(sources->cgroups_fd);
	close_fd(sources->processes_fd);
	free(sources);
}

void beat_sources_expire(struct beat_sources *sources)
{
	sources->batch++;
}

/* As a JSON string, or NULL if it does not fit into a line. */
static char *quote_path(const char *path)
{
	char quoted[BEAT_FORMAT_CGROUP_MAX];
	/* The text was cut if more room makes it longer. */
	char longer[BEAT_FORMAT_CGROUP_MAX + JSON_ESCAPED_MAX];
	size_t length = strlen(path);

	if (json_escape(longer, sizeof(longer), path, length) !=
	    json_escape(quoted, sizeof(quoted), path, length))
		return NULL;
	return strdup(quoted);
}

static const struct hb_cgroup *find_record(const void *data, uint64_t id)
{
	static struct hb_cgroup record;
	const struct beat_sources *sources = data;

	return bpf_map_lookup_elem(sources->cgroups_fd, &id, &record) == 0 ? &record : NULL;
}

static const struct known_cgroup *find_cgroup(struct beat_sources *sources, uint64_t id)
{
	struct known_cgroup *cgroup = &sources->cgroups[id % CGROUPS];
	char path[CGROUP_PATH_MAX];

	if (cgroup->id == id)
		return cgroup;
	free(cgroup->path);
	*cgroup = (struct known_cgroup){.id = id};
	if (cgroup_tree_build_path(find_record, sources, id, path) < 0)
		return cgroup;
	cgroup->path = quote_path(path);
	claims_container_of_root(find_record, sources, id, cgroup->container);
	return cgroup;
}

/*
 * A pid is reused, and an exec runs another program in the same process. The beats of the later
 * program come after its start, and the count of an earlier one can be higher than this record's.
 */
static bool is_of(const struct hb_process *record, const struct hb_beat *beat)
{
	return record->start <= beat->time && beat->seq <= record->beats;
}

/* Look up the process that made @beat, as far as that can be known. */
static void find_process(struct beat_sources *sources, struct known_process *process,
			 const struct hb_beat *beat)
{
	struct hb_process record;

	if (process->pid == beat->pid && process->batch == sources->batch && beat->seq != 1)
		return;
	/* Keep the record of a process that has ended, but never use it for the next one. */
	if (process->pid != beat->pid || beat->seq == 1)
		process->known = false;
	process->pid = beat->pid;
	process->batch = sources->batch;
	if (bpf_map_lookup_elem(sources->processes_fd, &beat->pid, &record) < 0 ||
	    !is_of(&record, beat))
		return;
	process->record = record;
	process->known = true;
}

const struct beat_source *beat_sources_find(struct beat_sources *sources,
					    const struct hb_beat *beat)
{
	struct known_process *process = &sources->processes[beat->pid % PROCESSES];
	struct beat_source *source = &sources->source;
	const struct known_cgroup *cgroup;

	find_process(sources, process, beat);
	if (!process->known)
		return NULL;
	cgroup = find_cgroup(sources, process->record.cgroup_id);
	memcpy(source->program, process->record.command, sizeof(source->program));
	source->uid = process->record.uid;
	source->tty = process->record.tty;
	source->cgroup_id = process->record.cgroup_id;
	source->cgroup = cgroup->path;
	source->container = cgroup->container[0] != '\0' ? cgroup->container : NULL;
	return source;
}
