// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/lib/cleanup.h"
#include "reader/array.h"
#include "reader/maps/claims.h"

/* A group that claims to be a container or a pod. */
struct claim {
	char id[CGROUP_CONTAINER_LEN];
	struct snapshot_cgroup *cgroup;
	unsigned int rank; /* lower is more credible */
};

enum { RANK_INSIDE = 1, RANK_OF_USER = 2 };

/*
 * Root made it. Who owns a group that is older than the first load may have changed; only the owner
 * of the group above can have made it.
 */
static bool is_of_root(const struct hb_cgroup *record, const struct hb_cgroup *above)
{
	return record->uid == 0 || (record->birth == 0 && above && above->uid == 0);
}

/* Until inherit(), `container_id` says whether a group is in a container, believed or not. */
static int collect(const struct snapshot *snapshot, struct claim **claims, size_t *count)
{
	/* Ids grow, so that a group comes after the one above it. */
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		struct snapshot_cgroup *cgroup = &snapshot->cgroups[i];
		const struct snapshot_cgroup *above =
			snapshot_find_cgroup(snapshot, cgroup->record.parent_id);
		bool is_inside = above && above->container_id != 0;
		/* Pods have shorter ids. */
		char id[CGROUP_CONTAINER_LEN];
		bool is_container = cgroup_container(cgroup->record.name, id) == 0;
		struct claim *claim;

		cgroup->container_id = is_inside || is_container ? cgroup->id : 0;
		if (!is_container && cgroup_pod(cgroup->record.name, id) < 0)
			continue;
		claim = array_append(*claims, *count);
		if (!claim)
			return -ENOMEM;
		memcpy(claim->id, id, sizeof(id));
		claim->cgroup = cgroup;
		claim->rank = is_inside ? RANK_INSIDE : 0;
		if (!is_of_root(&cgroup->record, above ? &above->record : NULL))
			claim->rank += RANK_OF_USER;
	}
	return 0;
}

/* Ids that begin alike follow each other, and of those the most credible comes first. */
static int compare(const void *a, const void *b)
{
	const struct claim *x = a;
	const struct claim *y = b;
	int order = strncmp(x->id, y->id, CGROUP_CONTAINER_SHORTEST);

	if (order == 0)
		order = (x->rank > y->rank) - (x->rank < y->rank);
	return order ? order : strcmp(x->id, y->id);
}

/* Doubt all but the most credible of those whose ids begin alike. */
static void doubt_some(struct claim *claims, size_t count)
{
	size_t first = 0;

	if (count > 1)
		qsort(claims, count, sizeof(*claims), compare);
	for (size_t i = 1; i < count; i++) {
		if (strncmp(claims[i].id, claims[first].id, CGROUP_CONTAINER_SHORTEST) != 0)
			first = i;
		if (claims[i].rank > claims[first].rank)
			claims[i].cgroup->disbelieved = true;
		else if (strcmp(claims[i].id, claims[i - 1].id) == 0)
			claims[i].cgroup->disbelieved = claims[i - 1].cgroup->disbelieved = true;
	}
}

/* Once for all: climbing from each group would take the square of their number in a deep tree. */
static void inherit(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->cgroup_count; i++) {
		struct snapshot_cgroup *cgroup = &snapshot->cgroups[i];
		const struct snapshot_cgroup *above =
			snapshot_find_cgroup(snapshot, cgroup->record.parent_id);
		char id[CGROUP_CONTAINER_LEN];

		cgroup->container_id = above ? above->container_id : 0;
		cgroup->pod_id = above ? above->pod_id : 0;
		if (cgroup->disbelieved)
			continue;
		if (cgroup_container(cgroup->record.name, id) == 0)
			cgroup->container_id = cgroup->id;
		else if (cgroup->pod_id == 0 && cgroup_pod(cgroup->record.name, id) == 0)
			cgroup->pod_id = cgroup->id;
	}
}

int claims_judge(const struct snapshot *snapshot)
{
	_cleanup_free_ struct claim *claims = NULL;
	size_t count = 0;
	int r;

	r = collect(snapshot, &claims, &count);
	if (r < 0)
		return r;
	doubt_some(claims, count);
	inherit(snapshot);
	return 0;
}

int claims_container(const struct snapshot *snapshot, uint64_t id,
		     char container[CGROUP_CONTAINER_LEN])
{
	const struct snapshot_cgroup *cgroup = snapshot_find_cgroup(snapshot, id);

	if (cgroup)
		cgroup = snapshot_find_cgroup(snapshot, cgroup->container_id);
	container[0] = '\0';
	return cgroup ? cgroup_container(cgroup->record.name, container) : -ENOENT;
}

int claims_pod(const struct snapshot *snapshot, uint64_t id, char pod[CGROUP_POD_LEN])
{
	const struct snapshot_cgroup *cgroup = snapshot_find_cgroup(snapshot, id);

	if (cgroup)
		cgroup = snapshot_find_cgroup(snapshot, cgroup->pod_id);
	pod[0] = '\0';
	return cgroup ? cgroup_pod(cgroup->record.name, pod) : -ENOENT;
}

int claims_workspace(const struct snapshot *snapshot, uint64_t id, char name[CGROUP_WORKSPACE_LEN])
{
	char container[CGROUP_CONTAINER_LEN];
	char pod[CGROUP_POD_LEN];

	claims_container(snapshot, id, container);
	claims_pod(snapshot, id, pod);
	return cgroup_workspace(container, pod, name);
}

int claims_container_of_root(cgroup_find find, const void *data, uint64_t id,
			     char container[CGROUP_CONTAINER_LEN])
{
	const struct hb_cgroup *found = find(data, id);

	while (found) {
		/* The next one may replace it. */
		const struct hb_cgroup record = *found;

		found = find(data, record.parent_id);
		if (is_of_root(&record, found) && cgroup_container(record.name, container) == 0)
			return 0;
	}
	container[0] = '\0';
	return -ENOENT;
}
