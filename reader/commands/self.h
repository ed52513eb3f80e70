/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hb-read idle --self: asks a server about the workspace that this process is in. */
#ifndef HB_READER_COMMANDS_SELF_H
#define HB_READER_COMMANDS_SELF_H

#include "reader/options.h"

/**
 * self_idle - print the answer of the server as one line, or in JSON
 *
 * This needs no access to the maps: the server decides. Returns the exit status, as idle_run() does; or
 * -errno, logged.
 */
int self_idle(const struct read_options *options);

#endif
