# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Included by the Makefile: a fleet that does not exist, to measure and test with, and the demonstration.

fleet_sources := $(wildcard tools/fleet/*.c)
fleet_tools   := $(fleet_sources:tools/fleet/%.c=$(BUILD)/fleet/%)

$(call objects,$(fleet_sources)): | $(skeletons)

# It writes metrics with the code of hb-read.
$(fleet_tools): $(BUILD)/fleet/%: $(BUILD)/obj/tools/fleet/%.o $(BUILD)/reader.a $(BUILD)/lib.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(call link,$(reader_libs))

everything test-programs: $(fleet_tools)
