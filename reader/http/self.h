/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Answers workspaces about themselves, from a picture of the maps that all of them share.
 *
 * It is a second old at most. So however often they ask, the maps are read once per second.
 */
#ifndef HB_READER_SELF_H
#define HB_READER_SELF_H

#include "reader/maps/home.h"
#include "reader/maps/report.h"

struct self {
	const struct report_source *source;
	bool taken; /* there is one: */
	struct report all;
	uint64_t looked_at; /* boot time when it was last taken early, for a group that it lacked */
};

/**
 * self_find - find the workspace of control group @cgroup_id, as home_find() does
 * Takes another picture if the last one is too old, or if the group may be younger. Returns 0 or -errno.
 */
int self_find(struct self *self, uint64_t cgroup_id, struct home *home);

/**
 * self_report - make the report for a client in control group @cgroup_id; 0: it is not known
 * @why: set if there is none, to the reason
 *
 * Returns the status of the answer: 200, 403 or 503. Release @own in any case.
 */
unsigned int self_report(struct self *self, uint64_t cgroup_id, struct report *own,
			 const char **why);

/** self_forget - release a picture that is too old */
void self_forget(struct self *self);

/** self_stop - release everything */
void self_stop(struct self *self);

#endif
