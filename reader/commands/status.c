// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "reader/commands/status.h"
#include "reader/confine.h"
#include "reader/text/text.h"

int status_run(const struct read_options *options)
{
	struct status status = {.pin_dir = options->pin_dir};
	struct snapshot_source *source;
	int r;

	r = snapshot_open(options->pin_dir, &source);
	if (r < 0)
		return r;
	r = snapshot_take(source, &status.snapshot);
	if (r == 0) {
		slot_states_find(options->pin_dir, status.snapshot.open,
				 status.snapshot.meta.readers, status.slots);
		status.missed_known = missed_read(options->pin_dir, &status.missed);
		/* Not before: /proc may hide the holders of slots from a process without capabilities. */
		r = confine(options->command, 0);
	}
	if (r == 0)
		r = text_print("status",
			       options->format == FORMAT_JSON ? status_write_json
							      : status_write_text,
			       &status);
	snapshot_release(&status.snapshot);
	snapshot_close(source);
	return r;
}
