/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parsing of what users type, and the names of rules and hooks. */
#ifndef HB_PARSE_H
#define HB_PARSE_H

#include <stdint.h>

/**
 * parse_u64 - a decimal number without sign or white space
 * Returns 0, -EINVAL if @text is not one, -ERANGE if it is not from @min to @max.
 */
int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/**
 * parse_bad_option - say what is wrong with the option that getopt_long(3) has stopped at
 * @program: whose --help tells more
 * @option: what it returned: `?`, or `:` as its short options begin with one
 *
 * Returns -EINVAL, logged.
 */
int parse_bad_option(const char *program, int option, char *const *argv);

/** rule_name - `stdin`, `any`, `keys`, or `unknown` */
const char *rule_name(uint32_t rule);

/** rule_parse - returns 0, or -EINVAL */
int rule_parse(const char *text, uint32_t *rule);

/** method_name - `tracepoint`, `fentry`, or `unknown` */
const char *method_name(uint32_t hook);

/** method_parse - a hook's name (not `auto`); returns 0, or -EINVAL */
int method_parse(const char *text, uint32_t *hook);

#endif
