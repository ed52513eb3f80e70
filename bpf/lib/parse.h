/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parse numbers and durations, and name the rules and hooks. */
#ifndef HB_PARSE_H
#define HB_PARSE_H

#include <stdint.h>

/**
 * parse_u64 - parse a decimal number without sign or white space
 * Returns 0, -EINVAL if @text is not a number, -ERANGE if it is not from @min to @max.
 */
int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/**
 * parse_duration - parse a time as sleep(1) takes it: `90`, `1.5h`; without s, m, h or d, seconds
 * Returns 0, -EINVAL if @text is none, -ERANGE if it is not from @min to @max, which are nanoseconds.
 */
int parse_duration(const char *text, uint64_t min, uint64_t max, uint64_t *ns);

/* The names of the rules by enum hb_rule, then NULL. */
extern const char *const rule_names[];

/* What --hook takes: `auto`, the names of the hooks by enum hb_method, then NULL. */
extern const char *const hook_choices[];

/** rule_name - `stdin`, `any`, `keys`, or `unknown` */
const char *rule_name(uint32_t rule);

/** method_name - `tracepoint`, `fentry`, or `unknown` */
const char *method_name(uint32_t hook);

#endif
