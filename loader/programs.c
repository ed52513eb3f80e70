// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

#include "bpf/lib/config.h"
#include "bpf/lib/log.h"
#include "loader/programs.h"

/* Delete the keys that are not in the list. The search goes on from the last key that stays. */
static int delete_others(int fd, const struct names *programs)
{
	char key[HB_COMM_LEN];
	char next[HB_COMM_LEN];
	const char *previous = NULL;

	while (bpf_map_get_next_key(fd, previous, next) == 0) {
		if (names_have(programs, next)) {
			memcpy(key, next, sizeof(key));
			previous = key;
			continue;
		}
		if (bpf_map_delete_elem(fd, next) < 0)
			return -errno;
	}
	return errno == ENOENT ? 0 : -errno;
}

int programs_check_rule(const struct names *programs, uint32_t rule, struct reason *why)
{
	if (rule == HB_RULE_KEYS || !names_have(programs, HB_ANY_PROGRAM))
		return 0;
	return reason_set(
		why, -EINVAL,
		"with '*', every program counts by its keys alone: set Rule=keys in " HB_CONFIG_FILE
		", or add --rule keys");
}

bool programs_differ(int fd, const struct names *programs)
{
	const char *previous = NULL;
	char key[HB_COMM_LEN];
	size_t count = 0;

	while (bpf_map_get_next_key(fd, previous, key) == 0) {
		if (!names_have(programs, key))
			return true;
		previous = key;
		count++;
	}
	return count != programs->count;
}

int programs_apply(int fd, const struct names *programs)
{
	const struct hb_program zero = {0};
	int r;

	for (size_t i = 0; i < programs->count; i++) {
		if (bpf_map_update_elem(fd, programs->names[i], &zero, BPF_NOEXIST) < 0 &&
		    errno != EEXIST)
			return log_errno(-errno, "cannot add %s to the list of programs",
					 programs->names[i]);
	}
	r = delete_others(fd, programs);
	return r < 0 ? log_errno(r, "cannot remove a name from the list of programs") : 0;
}
