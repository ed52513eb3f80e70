/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds programs that were probably meant by a name that no program has. */
#ifndef HB_LOADER_SIMILAR_H
#define HB_LOADER_SIMILAR_H

#include <stdbool.h>

#include "bpf/lib/names.h"

enum { SIMILAR_LEN = 128 };

/**
 * similar_find - find programs in @dirs that are called like @name, but with another version
 * @dirs: directories with commas between
 * @found: receives their names, with commas between
 *
 * Returns false if there are none, or if @name itself is there.
 */
bool similar_find(const char *name, const char *dirs, char found[SIMILAR_LEN]);

/** similar_report - log each of @programs that this machine only has with another version */
void similar_report(const struct names *programs);

#endif
