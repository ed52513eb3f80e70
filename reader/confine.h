/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Gives up what hb-read does not need once its files and sockets are open.
 *
 * From then on it has no capabilities but those that it asks to keep, gets none by executing a program,
 * and can make only the system calls that its command needs: it can read files, but not open them for
 * writing; connect to unix sockets, but not to the network; read BPF maps, but neither change nor make
 * them; and execute nothing. A forbidden call fails with EPERM.
 */
#ifndef HB_READER_CONFINE_H
#define HB_READER_CONFINE_H

#include <stdint.h>

#include "reader/options.h"

/**
 * confine - give up all but the capabilities in @keep and what @command does from now on
 * Returns 0 or -errno, logged. A kernel without seccomp is no failure.
 */
int confine(enum command command, uint64_t keep);

#endif
