// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The models. Each prints what holds, and returns whether all does that should.
 */
#ifndef HB_TESTS_MODELS_HH
#define HB_TESTS_MODELS_HH

bool check_ring();
bool check_slots();
bool check_moves();
bool check_negative_cache();

#endif
