// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How often a workspace may ask: reader/http/gate.c */
#include <string.h>

#include <check.h>

#include "bpf/lib/units.h"
#include "reader/http/gate.h"
#include "tests/unit/suites.h"

static struct gate gate;

static void start(void)
{
	memset(&gate, 0, sizeof(gate));
}

/* How many connections @owner gets of @tries at boot time @now. */
static unsigned int count(uint64_t owner, unsigned int tries, uint64_t now)
{
	unsigned int got = 0;

	while (tries-- > 0)
		got += gate_afford(&gate, owner, now);
	return got;
}

START_TEST(test_burst)
{
	ck_assert_uint_eq(count(7, 1000, NS_PER_S), GATE_BURST);
	/* What another one does costs nobody anything. */
	ck_assert_uint_eq(count(8, 1000, NS_PER_S), GATE_BURST);
	ck_assert_uint_eq(count(7, 1000, NS_PER_S), 0);
	ck_assert_uint_eq(count(7, 1000, NS_PER_S + NS_PER_S / GATE_RATE - 1), 0);
	ck_assert_uint_eq(count(7, 1000, NS_PER_S + NS_PER_S / GATE_RATE), 1);
	ck_assert_uint_eq(count(7, 1000, 1000 * NS_PER_S), GATE_BURST);
}
END_TEST

START_TEST(test_rate)
{
	uint64_t now = NS_PER_S;
	unsigned int got = 0;

	for (int i = 0; i < 100000; i++, now += NS_PER_MS)
		got += gate_afford(&gate, 7, now);
	ck_assert_uint_ge(got, 100 * GATE_RATE);
	ck_assert_uint_le(got, 100 * GATE_RATE + GATE_BURST);
}
END_TEST

/* More owners than there are budgets: those that ask most keep theirs. */
START_TEST(test_many_owners)
{
	unsigned int got = 0;

	ck_assert_uint_eq(count(1, 1000, NS_PER_S), GATE_BURST);
	for (uint64_t owner = 2; owner < 10 * GATE_BUDGETS; owner++)
		ck_assert_uint_eq(count(owner, 1, NS_PER_S), 1);
	ck_assert_uint_eq(count(1, 1000, NS_PER_S), 0);
	for (uint64_t owner = 2; owner < GATE_BUDGETS; owner++)
		got += count(owner, 1, NS_PER_S);
	ck_assert_uint_eq(got, GATE_BUDGETS - 2);
}
END_TEST

Suite *gate_suite(void)
{
	Suite *suite = suite_create("gate");
	TCase *tcase = tcase_create("gate");

	tcase_add_checked_fixture(tcase, start, NULL);
	tcase_add_test(tcase, test_burst);
	tcase_add_test(tcase, test_rate);
	tcase_add_test(tcase, test_many_owners);
	suite_add_tcase(suite, tcase);
	return suite;
}
