// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "bpf/lib/capabilities.h"
#include "reader/commands/ask.h"
#include "reader/confine.h"
#include "reader/maps/probe.h"
#include "reader/node.h"

/* To see what other users' processes have open, and to make a file in a user's directory. */
static uint64_t needed_capabilities(const struct read_options *options)
{
	if (options->command == COMMAND_EXPLAIN)
		return CAPABILITY(SYS_PTRACE) | CAPABILITY(DAC_READ_SEARCH);
	return options->touch ? CAPABILITY(DAC_OVERRIDE) | CAPABILITY(FOWNER) : 0;
}

int ask_confine(const struct read_options *options)
{
	return confine(options->command, needed_capabilities(options));
}

int ask(const struct read_options *options, ask_answer answer)
{
	struct snapshot_source *source = NULL;
	char node[NODE_NAME_LEN];
	struct report report = {.node = node};
	struct probe *probe = NULL;
	int r;

	node_name(options->node, node);
	r = snapshot_open(options->pin_dir, &source);
	if (r == 0)
		r = probe_new(&probe);
	if (r == 0)
		r = ask_confine(options);
	if (r == 0) {
		/* Probe first: from then on the hooks fire, and the snapshot has what they see. */
		const char *blind = probe_run(probe, source);

		r = snapshot_take(source, &report.snapshot);
		if (r == 0)
			r = answer(options, &report, blind);
	}
	report_release(&report);
	probe_free(probe);
	snapshot_close(source);
	return r;
}
