// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/parse.h"
#include "bpf/lib/units.h"

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

/* Parse the digits at *@text as decimals of a second, and move it behind them. */
static uint64_t parse_decimals(const char **text)
{
	uint64_t ns = 0;

	for (uint64_t unit = NS_PER_S / 10; isdigit((unsigned char)**text); unit /= 10)
		ns += unit * (uint64_t)(*(*text)++ - '0');
	return ns;
}

/* Returns 0 if @suffix is none. */
static uint64_t seconds_of(const char *suffix)
{
	static const struct {
		const char *suffix;
		uint64_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 60 * 60}, {"d", 24 * 60 * 60}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].suffix, suffix) == 0)
			return units[i].seconds;
	}
	return 0;
}

int parse_duration(const char *text, uint64_t min, uint64_t max, uint64_t *ns)
{
	unsigned long long whole;
	uint64_t parsed = 0;
	const char *rest;
	uint64_t unit;
	char *end;

	if (!isdigit((unsigned char)text[text[0] == '.']))
		return -EINVAL;
	errno = 0;
	whole = strtoull(text, &end, 10);
	rest = end;
	if (*rest == '.') {
		rest++;
		parsed = parse_decimals(&rest);
	}
	unit = seconds_of(rest);
	if (unit == 0)
		return -EINVAL;
	if (errno == ERANGE || whole > max / NS_PER_S / unit)
		return -ERANGE;
	parsed = (parsed + whole * NS_PER_S) * unit;
	if (parsed < min || parsed > max)
		return -ERANGE;
	*ns = parsed;
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
