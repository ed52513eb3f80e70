// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"
#include "bpf/lib/log.h"
#include "bpf/lib/parse.h"

static const char *const rules[] = {
	[HB_RULE_STDIN] = "stdin",
	[HB_RULE_ANY] = "any",
	[HB_RULE_KEYS] = "keys",
};

static const char *const hooks[] = {
	[HB_METHOD_TRACEPOINT] = "tracepoint",
	[HB_METHOD_FENTRY] = "fentry",
};

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

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

static const char *name_of(const char *const *names, size_t count, uint32_t index)
{
	return index < count ? names[index] : "unknown";
}

static int index_of(const char *const *names, size_t count, const char *text, uint32_t *index)
{
	for (uint32_t i = 0; i < count; i++) {
		if (strcmp(names[i], text) == 0) {
			*index = i;
			return 0;
		}
	}
	return -EINVAL;
}

int parse_bad_option(const char *program, int option, char *const *argv)
{
	const char *word = argv[optind - 1];

	/* Of a long option optopt is its value, 0 if it is not known; several may be in one word.
	 */
	if (option == ':')
		return log_error(-EINVAL, "%s: needs an argument", word);
	if (optopt > 0 && optopt < 256 && strncmp(word, "--", 2) != 0)
		return log_error(-EINVAL, "-%c: no such option: see %s --help", optopt, program);
	if (optopt != 0)
		return log_error(-EINVAL, "%s: takes no argument", word);
	return log_error(-EINVAL, "%s: no such option: see %s --help", word, program);
}

const char *rule_name(uint32_t rule)
{
	return name_of(rules, ARRAY_LEN(rules), rule);
}

int rule_parse(const char *text, uint32_t *rule)
{
	return index_of(rules, ARRAY_LEN(rules), text, rule);
}

const char *method_name(uint32_t hook)
{
	return name_of(hooks, ARRAY_LEN(hooks), hook);
}

int method_parse(const char *text, uint32_t *hook)
{
	return index_of(hooks, ARRAY_LEN(hooks), text, hook);
}
