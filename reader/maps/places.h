/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where control groups are: the tree of the version 2 hierarchy, read at once. */
#ifndef HB_READER_PLACES_H
#define HB_READER_PLACES_H

#include <stdbool.h>
#include <stdint.h>

struct places;

/**
 * places_read - read the tree below @mount, where the hierarchy is mounted; NULL makes an empty one
 * Returns 0 or -ENOMEM; what cannot be read is left out, and then the tree is not whole.
 */
int places_read(const char *mount, struct places **places);

void places_free(struct places *places);

/**
 * places_now - the tree of this host, read at boot time @not_before or later
 * The module keeps it; it is valid until the next call. NULL: there is no memory.
 */
const struct places *places_now(uint64_t not_before);

/** places_read_at - boot time of the beginning of the reading */
uint64_t places_read_at(const struct places *places);

/**
 * places_are_whole - whether each cgroup was there to be seen: one that was not found does not
 *		      exist, rather than being hidden by a namespace or mount
 */
bool places_are_whole(const struct places *places);

/** places_path - path of cgroup @id, `/` for the root, or NULL: not found */
const char *places_path(const struct places *places, uint64_t id);

/** places_id - id of the cgroup with @path, or 0 */
uint64_t places_id(const struct places *places, const char *path);

/** places_have_container - whether a path is that of container @id, which may be cut */
bool places_have_container(const struct places *places, const char *id);

#endif
