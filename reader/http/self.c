// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/units.h"
#include "reader/http/self.h"

/* How old the picture may be. */
static const uint64_t age_max = NS_PER_S;

/* How often it may be taken early, for a control group that may be new. */
static const uint64_t look_interval = NS_PER_S / 4;

static bool is_old(const struct self *self)
{
	return !self->taken || clock_boot_ns() - self->all.snapshot.taken_at > age_max;
}

static int take(struct self *self)
{
	int r;

	self_stop(self);
	r = snapshot_take(self->source->source, &self->all.snapshot);
	self->taken = r == 0;
	if (r < 0)
		report_release(&self->all);
	return r;
}

int self_find(struct self *self, uint64_t cgroup_id, struct home *home)
{
	uint64_t now = clock_boot_ns();
	int r = is_old(self) ? take(self) : 0;

	if (r < 0)
		return r;
	r = home_find(&self->all.snapshot, cgroup_id, home);
	if (r == 0 || (self->looked_at != 0 && now - self->looked_at < look_interval))
		return r;
	self->looked_at = now;
	r = take(self);
	return r < 0 ? r : home_find(&self->all.snapshot, cgroup_id, home);
}

unsigned int self_report(struct self *self, uint64_t cgroup_id, struct report *own,
			 const char **why)
{
	enum { OK = 200, FORBIDDEN = 403, UNAVAILABLE = 503 };
	struct home home;
	int r;

	if (cgroup_id == 0) {
		*why = "nobody knows who asks: as root, run the hb-load of this version again";
		return UNAVAILABLE;
	}
	r = self_find(self, cgroup_id, &home);
	if (r == -ENOENT && self->taken) {
		*why = "there is no record of your control group: it was removed, or the map of control groups is full";
		return UNAVAILABLE;
	}
	if (r == 0 && home.kind == HOME_NONE) {
		*why = "you are in no workspace: this socket answers containers, pods and users about themselves";
		return FORBIDDEN;
	}
	if (r == 0)
		r = home_report(&self->all, &home, own);
	if (r < 0) {
		*why = "the maps cannot be read";
		return UNAVAILABLE;
	}
	return OK;
}

void self_forget(struct self *self)
{
	if (is_old(self))
		self_stop(self);
}

void self_stop(struct self *self)
{
	report_release(&self->all);
	self->taken = false;
}
