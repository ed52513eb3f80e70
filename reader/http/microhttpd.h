/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Loads libmicrohttpd when it is first needed.
 *
 * With GnuTLS and its dependencies the library makes three quarters of the memory of a reader. A
 * reader that does not listen need not pay for it.
 */
#ifndef HB_READER_MICROHTTPD_H
#define HB_READER_MICROHTTPD_H

#include <microhttpd.h>

/* Its functions, as <microhttpd.h> declares them, without `MHD_`. */
struct microhttpd {
	__typeof__(MHD_add_connection) *add_connection;
	__typeof__(MHD_add_response_header) *add_response_header;
	__typeof__(MHD_create_response_from_buffer) *create_response_from_buffer;
	__typeof__(MHD_destroy_response) *destroy_response;
	__typeof__(MHD_get_connection_info) *get_connection_info;
	__typeof__(MHD_get_connection_values) *get_connection_values;
	__typeof__(MHD_get_daemon_info) *get_daemon_info;
	__typeof__(MHD_get_timeout) *get_timeout;
	__typeof__(MHD_queue_response) *queue_response;
	__typeof__(MHD_run) *run;
	__typeof__(MHD_start_daemon) *start_daemon;
	__typeof__(MHD_stop_daemon) *stop_daemon;
};

extern struct microhttpd microhttpd;

/*
 * Load it if it is not loaded; call this before any function of `microhttpd`. Returns 0, or -ELIBACC,
 * logged: it is not installed or lacks a function.
 */
int microhttpd_load(void);

#endif
