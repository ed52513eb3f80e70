// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/lib/config.h"
#include "bpf/lib/log.h"

const struct config_key *config_find(const char *option)
{
	for (const struct config_key *key = config_keys; key->name; key++) {
		if (strcmp(key->option, option) == 0)
			return key;
	}
	return NULL;
}

/* Whether the later setting @new leaves nothing of @old. */
static bool replaces(const struct config_setting *new, const struct config_setting *old)
{
	switch (new->key->kind) {
	case CONFIG_NAMES:
		return new->value[0] != '+';
	case CONFIG_MANY:
		return strcmp(new->where, old->where) != 0;
	default:
		return true;
	}
}

/* Decide which settings are effective, now that there is @new. */
static void resolve(struct config *config, struct config_setting *new)
{
	bool resets = new->source == CONFIG_FILE &&new->value[0] == '\0';

	for (struct config_setting *old = config->settings; old < new; old++) {
		if (old->key != new->key)
			continue;
		if (resets)
			old->effective = old->source == CONFIG_DEFAULT;
		else if (replaces(new, old))
			old->effective = false;
	}
	new->effective = !resets;
}

int config_add(struct config *config, const struct config_key *key, enum config_source source,
	       const char *value, const char *where)
{
	struct config_setting *settings;
	struct config_setting *new;

	settings = reallocarray(config->settings, config->count + 1, sizeof(*settings));
	if (!settings)
		return log_errno(-ENOMEM, "configuration");
	config->settings = settings;
	new = &settings[config->count];
	*new = (struct config_setting){
		.key = key,
		.source = source,
		.value = strdup(value),
		.where = strdup(where),
	};
	if (!new->value || !new->where) {
		free(new->value);
		free(new->where);
		return log_errno(-ENOMEM, "configuration");
	}
	config->count++;
	resolve(config, new);
	return 0;
}

const char *config_from_file(const struct config *config, const char *option)
{
	const struct config_key *key = config_find(option);

	for (size_t i = 0; i < config->count; i++) {
		const struct config_setting *setting = &config->settings[i];

		if (setting->key == key && setting->effective && setting->source == CONFIG_FILE)
			return setting->where;
	}
	return NULL;
}

void config_print(const struct config *config)
{
	for (const struct config_key *key = config_keys; key->name; key++) {
		for (size_t i = 0; i < config->count; i++) {
			const struct config_setting *setting = &config->settings[i];

			if (setting->key == key && setting->effective)
				printf("setting  %s=%s (%s)\n", key->name, setting->value,
				       setting->where);
		}
	}
}

void config_free(struct config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		free(config->settings[i].value);
		free(config->settings[i].where);
	}
	free(config->settings);
	*config = (struct config){0};
}
