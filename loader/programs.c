// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
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

static int by_name(const void *a, const void *b)
{
	return memcmp(a, b, HB_COMM_LEN);
}

int programs_read(int fd, struct names *programs)
{
	const char *previous = NULL;

	programs->count = 0;
	while (programs->count < HB_PROGRAMS_MAX &&
	       bpf_map_get_next_key(fd, previous, programs->names[programs->count]) == 0)
		previous = programs->names[programs->count++];
	if (programs->count < HB_PROGRAMS_MAX && errno != ENOENT)
		return log_errno(-errno, "cannot read the list of programs");
	qsort(programs->names, programs->count, HB_COMM_LEN, by_name);
	return 0;
}

int programs_apply(int fd, const struct names *programs)
{
	/* As long as the value of either map. */
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
