// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * memory-order - check the models: what is written on one processor and read on another
 *
 * Prints each check. The exit status is 0 if each model holds as the code is, and fails without each order
 * that is needed.
 */
#include "tests/order/models.hh"

int main()
{
	bool passed = check_ring();

	passed = check_slots() && passed;
	passed = check_moves() && passed;
	passed = check_negative_cache() && passed;
	return passed ? 0 : 1;
}
