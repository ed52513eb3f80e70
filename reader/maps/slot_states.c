// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <unistd.h>

#include "bpf/lib/pidns.h"
#include "reader/maps/holders.h"
#include "reader/maps/slot_states.h"

void slot_states_find(const char *pin_dir, uint64_t open, uint32_t count,
		      struct slot_status slots[HB_READERS_MAX])
{
	/* /proc/locks leaves out what processes of other pid namespaces hold. */
	bool all_visible = pidns_is_initial() && access("/proc/locks", R_OK) == 0;

	for (uint32_t i = 0; i < count; i++) {
		struct slot_status *slot = &slots[i];

		if (holders_find(pin_dir, i, &slot->pid, slot->command) == 0)
			slot->state = SLOT_HELD;
		else if (!(open >> i & 1))
			slot->state = SLOT_FREE;
		else
			slot->state = all_visible ? SLOT_ORPHANED : SLOT_OPEN;
	}
}
