/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the process that holds a reader slot, by the lock on its directory. */
#ifndef HB_READER_HOLDERS_H
#define HB_READER_HOLDERS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"

/**
 * holders_find - the process that holds the lock on slot @slot's directory below @pin_dir
 * @command: its command name, or `?` if the user may not see it
 *
 * Returns 0, or -ENOENT if there is no holder in this pid namespace (holders_all_visible()).
 */
int holders_find(const char *pin_dir, uint32_t slot, uint32_t *pid, char command[HB_COMM_LEN]);

/** holders_all_visible - whether a holder that holders_find() does not find does not exist */
bool holders_all_visible(void);

#endif
