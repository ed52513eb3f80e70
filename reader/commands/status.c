// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>

#include "bpf/lib/log.h"
#include "reader/commands/status.h"
#include "reader/text/text.h"

static int print(const struct status *status, enum format format)
{
	size_t length = 0;
	char *text = NULL;
	FILE *stream;
	int r = 0;

	stream = open_memstream(&text, &length);
	if (!stream)
		return log_errno(-errno, "status");
	if (format == FORMAT_JSON)
		status_print_json(status, stream);
	else
		r = status_print(status, stream);
	if (fclose(stream) != 0 || r < 0)
		r = log_errno(-ENOMEM, "status");
	else
		r = text_write(text, length);
	free(text);
	return r == -EPIPE ? 0 : r;
}

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
		r = print(&status, options->format);
	}
	snapshot_release(&status.snapshot);
	snapshot_close(source);
	return r;
}
