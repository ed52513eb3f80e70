// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "bpf/lib/log.h"
#include "reader/http/microhttpd.h"

/* What <microhttpd.h> of Debian 12 and 13 declares. */
#define MICROHTTPD_SONAME "libmicrohttpd.so.12"

struct microhttpd microhttpd;

#define FUNCTION(name)                                          \
	{                                                       \
		"MHD_" #name, offsetof(struct microhttpd, name) \
	}

static const struct {
	const char *symbol;
	size_t offset;
} functions[] = {
	FUNCTION(add_connection),
	FUNCTION(add_response_header),
	FUNCTION(create_response_from_buffer),
	FUNCTION(destroy_response),
	FUNCTION(get_connection_info),
	FUNCTION(get_connection_values),
	FUNCTION(get_daemon_info),
	FUNCTION(get_timeout),
	FUNCTION(queue_response),
	FUNCTION(run),
	FUNCTION(start_daemon),
	FUNCTION(stop_daemon),
};

static int load_from(void *library)
{
	struct microhttpd found;

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *function = dlsym(library, functions[i].symbol);

		if (!function)
			return log_error(-ELIBACC,
					 "%s has no function %s: install a newer libmicrohttpd",
					 MICROHTTPD_SONAME, functions[i].symbol);
		/* POSIX lets dlsym() return functions, but ISO C has no cast for that. */
		memcpy((char *)&found + functions[i].offset, &function, sizeof(function));
	}
	microhttpd = found;
	return 0;
}

int microhttpd_load(void)
{
	void *library;
	int r;

	if (microhttpd.run)
		return 0;
	library = dlopen(MICROHTTPD_SONAME, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return log_error(-ELIBACC,
				 "HTTP needs libmicrohttpd: install it, or use --listen none (%s)",
				 dlerror());
	r = load_from(library);
	if (r < 0)
		dlclose(library);
	return r;
}
