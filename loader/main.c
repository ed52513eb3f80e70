// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* hb-load: load the heartbeat into the kernel, or upgrade it, and exit. */
#include "bpf/lib/exit.h"
#include "bpf/lib/log.h"
#include "loader/check.h"
#include "loader/iterators.h"
#include "loader/load.h"
#include "loader/options.h"
#include "loader/privileges.h"
#include "loader/unload.h"

int main(int argc, char *argv[])
{
	static struct load_options options;
	int r;

	log_init("hb-load", 0);
	r = load_options_parse(argc, argv, HB_CONFIG_DIR, &options);
	if (r <= 0)
		return exit_status(r);
	log_init("hb-load", options.verbose);
	if (options.action == ACTION_UNLOAD) {
		r = privileges_check_root(NULL);
		/* It owns what it removes. */
		if (r == 0)
			r = privileges_drop(PRIVILEGES_PERMITTED);
		return exit_status(r < 0 ? r : unload_run(&options));
	}
	r = options.action == ACTION_CHECK ? 0 : privileges_check(NULL);
	iterators_leave_cgroup_namespace();
	if (r == 0)
		r = privileges_drop(PRIVILEGES_CHECKED);
	if (r < 0)
		return exit_status(r);
	return exit_status(options.action == ACTION_CHECK ? check_run(&options)
							  : load_run(&options));
}
