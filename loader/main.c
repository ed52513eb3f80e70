// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* hb-load: load the heartbeat into the kernel, or upgrade it, and exit. */
#include <unistd.h>

#include "bpf/lib/exit.h"
#include "bpf/lib/log.h"
#include "loader/check.h"
#include "loader/load.h"
#include "loader/options.h"
#include "loader/unload.h"

int main(int argc, char *argv[])
{
	struct load_options options;
	int r;

	log_init("hb-load", false);
	r = load_options_parse(argc, argv, &options);
	if (r <= 0)
		return exit_status(r);
	log_init("hb-load", options.verbose);
	if (options.action == ACTION_CHECK)
		return exit_status(check_run(&options));
	if (geteuid() != 0)
		return exit_status(
			log_error(-EPERM, "permission denied: run as root: sudo hb-load"));
	return exit_status(options.action == ACTION_UNLOAD ? unload_run(&options)
							   : load_run(&options));
}
