// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/parse.h"

const char *const rule_names[] =
	{[HB_RULE_STDIN] = "stdin", [HB_RULE_ANY] = "any", [HB_RULE_KEYS] = "keys", NULL};

const char *const hook_choices[] = {"auto", [1 + HB_METHOD_TRACEPOINT] = "tracepoint",
				    [1 + HB_METHOD_FENTRY] = "fentry", NULL};

int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	unsigned long long parsed;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	parsed = strtoull(text, &end, 10);
	if (*end != '\0')
		return -EINVAL;
	if (errno == ERANGE || parsed < min || parsed > max)
		return -ERANGE;
	*value = parsed;
	return 0;
}

const char *rule_name(uint32_t rule)
{
	return rule <= HB_RULE_KEYS ? rule_names[rule] : "unknown";
}

const char *method_name(uint32_t hook)
{
	return hook <= HB_METHOD_FENTRY ? hook_choices[1 + hook] : "unknown";
}
