// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <string.h>

#include "bpf/lib/config.h"
#include "bpf/lib/names.h"
#include "reader/commands/explain.h"
#include "reader/text/text.h"

/* Whether @name is harmless in single quotes in a shell, in double quotes in the file, and to the eye. */
static bool is_harmless(const char *name)
{
	for (; *name != '\0'; name++) {
		if (!isalnum((unsigned char)*name) && !strchr("._+-:@%=,~ ", *name))
			return false;
	}
	return true;
}

static void write_load(FILE *stream, const struct explanation *explanation)
{
	fputs("sudo hb-load", stream);
	if (strcmp(explanation->pin_dir, HB_PIN_DIR) != 0)
		fprintf(stream, " --pin-dir '%s'", explanation->pin_dir);
}

/* @setting: a line of the configuration; @drop_in: of a name that comes late in the order */
static void write_drop_in(FILE *stream, const struct explanation *explanation, const char *indent,
			  const char *setting, const char *drop_in)
{
	fprintf(stream, "%s    sudo mkdir -p " HB_CONFIG_DROPINS "\n", indent);
	fprintf(stream, "%s    echo '%s' | sudo tee " HB_CONFIG_DROPINS "/zz-%s.conf\n", indent,
		setting, drop_in);
	fprintf(stream, "%s    ", indent);
	write_load(stream, explanation);
	fputc('\n', stream);
}

/* Options of the latest load override the configuration, so they are needed again. */
static void write_options(FILE *stream, const struct explanation *explanation, const char *indent,
			  const char *option)
{
	const struct hb_meta *meta = &explanation->snapshot->meta;
	char options[HB_OPTIONS_LEN];

	text_printable(options, sizeof(options), meta->options, sizeof(meta->options));
	fprintf(stream, "%s    ", indent);
	write_load(stream, explanation);
	fprintf(stream, " %s %s\n", options, option);
}

static void advise(FILE *stream, const struct explanation *explanation, const char *indent,
		   const char *purpose, const char *setting, const char *drop_in,
		   const char *option)
{
	const char *options = explanation->snapshot->meta.options;

	if (strcmp(options, HB_OPTIONS_LONG) == 0) {
		fprintf(stream,
			"%s%s, run hb-load as root with the same options as last time and %s.\n",
			indent, purpose, option);
		return;
	}
	fprintf(stream, "%s%s, run:\n", indent, purpose);
	if (options[0] == '\0')
		write_drop_in(stream, explanation, indent, setting, drop_in);
	else
		write_options(stream, explanation, indent, option);
}

void explain_advise_name(FILE *stream, const struct explanation *explanation, const char *indent,
			 const char *name)
{
	char drop_in[64];
	char setting[64];
	char option[64];
	char list[NAMES_TEXT_LEN];

	if (!is_harmless(name)) {
		fprintf(stream,
			"%sTo watch it, add its name in double quotes to Programs= in a file in " HB_CONFIG_DROPINS
			", and run hb-load as root.\n",
			indent);
		return;
	}
	names_format(list, name);
	snprintf(setting, sizeof(setting), "Programs=+%s", list);
	snprintf(drop_in, sizeof(drop_in), "watch-%s", name);
	for (char *c = drop_in; *c != '\0'; c++)
		*c = isalnum((unsigned char)*c) || strchr("._+-", *c) ? *c : '_';
	snprintf(option, sizeof(option), list[0] == '"' ? "--programs '+%s'" : "--programs +%s",
		 list);
	advise(stream, explanation, indent, "To watch it", setting, drop_in, option);
}

void explain_advise_rule(FILE *stream, const struct explanation *explanation, const char *indent)
{
	advise(stream, explanation, indent, "To make them heartbeats", "Rule=any", "rule",
	       "--rule any");
}
