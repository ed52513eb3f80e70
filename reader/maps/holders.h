/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the process that holds a reader slot, by the lock on its directory. */
#ifndef HB_READER_HOLDERS_H
#define HB_READER_HOLDERS_H

#include <stdint.h>

#include <linux/types.h>

#include "bpf/heartbeat.h"

/**
 * holders_find - the process that holds the lock on slot @slot's directory below @pin_dir
 * @command: its command name, or `?` if the user may not see it
 *
 * Returns 0, or -ENOENT: nobody, or a process that this pid namespace does not show.
 */
int holders_find(const char *pin_dir, uint32_t slot, uint32_t *pid, char command[HB_COMM_LEN]);

#endif
