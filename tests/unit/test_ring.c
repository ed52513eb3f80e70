// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading a ring that this test fills in place of the kernel: reader/lines/ring.c */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <check.h>
#include <linux/bpf.h>

#include "reader/lines/ring.h"
#include "tests/unit/suites.h"

enum { RECORD = 32 }; /* a header of 8 bytes and a beat of 24 */

static char *memory; /* consumer page, producer page, data, data again */
static size_t size;
static unsigned long *consumer;
static unsigned long *producer;
static struct ring ring;
static bool busy;

static void attach(unsigned long position)
{
	*consumer = position;
	ring_attach(&ring, consumer, producer, size);
}

static void set_up(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = memfd_create("ring", MFD_CLOEXEC);

	size = page;
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)(3 * page)), 0);
	/* The data appears twice in a row, as the kernel maps it. */
	memory = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	ck_assert_ptr_ne(mmap(memory + 3 * page, page, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_FIXED, fd, (off_t)(2 * page)),
			 MAP_FAILED);
	close(fd);
	consumer = (unsigned long *)memory;
	producer = (unsigned long *)(memory + page);
	attach(0);
}

static void tear_down(void)
{
	munmap(memory, 4 * (size_t)sysconf(_SC_PAGESIZE));
}

static uint32_t *header_at(unsigned long position)
{
	return (uint32_t *)((char *)producer + size + (position & (size - 1)));
}

/* Put a record of @length bytes there. Returns its position. */
static unsigned long produce(uint64_t seq, uint32_t length, uint32_t flags)
{
	const struct hb_beat beat = {.time = seq * 10, .seq = seq, .pid = (uint32_t)seq};
	unsigned long position = *producer;
	uint32_t *header = header_at(position);

	memset(header + 2, 0, length);
	memcpy(header + 2, &beat, length < sizeof(beat) ? length : sizeof(beat));
	header[0] = length | flags;
	*producer = position + ((8 + length + 7) & ~7U);
	return position;
}

static unsigned long produce_beat(uint64_t seq)
{
	return produce(seq, sizeof(struct hb_beat), 0);
}

static void expect(uint64_t seq)
{
	struct hb_beat beat;

	ck_assert(ring_next(&ring, &beat, &busy));
	ck_assert_uint_eq(beat.seq, seq);
	ck_assert_uint_eq(beat.time, seq * 10);
	ck_assert_uint_eq(beat.pid, seq);
}

static void expect_none(void)
{
	struct hb_beat beat;

	ck_assert(!ring_next(&ring, &beat, &busy));
}

START_TEST(test_empty)
{
	expect_none();
	ck_assert(!busy);
	ck_assert_uint_eq(*consumer, 0);
}
END_TEST

START_TEST(test_order_and_commit)
{
	unsigned long first;

	produce_beat(1);
	produce_beat(2);
	expect(1);
	first = ring.position;
	expect(2);
	expect_none();
	/* Looking is not taking. */
	ck_assert_uint_eq(*consumer, 0);
	ring_commit(&ring, first);
	ck_assert_uint_eq(*consumer, RECORD);
	/* Another reader in its place starts behind what was committed. */
	ring_attach(&ring, consumer, producer, size);
	expect(2);
	expect_none();
}
END_TEST

/* Positions go on for ever, memory comes round. */
START_TEST(test_around)
{
	const uint64_t fit = size / RECORD - 1;
	const uint64_t beats = 128000;
	uint64_t seq = 0;

	/* Of another length, so that the beats behind it lie across the end. */
	produce(0, 16, 0);
	while (seq < beats) {
		for (uint64_t j = 1; j <= fit; j++)
			produce_beat(seq + j);
		for (uint64_t j = 1; j <= fit; j++)
			expect(seq + j);
		seq += fit;
		expect_none();
		ring_commit(&ring, ring.position);
	}
	ck_assert_uint_eq(*consumer, *producer);
	ck_assert_uint_eq(ring.malformed, 1);
}
END_TEST

START_TEST(test_position_overflow)
{
	unsigned long before = 0UL - 2 * RECORD;

	*producer = before;
	attach(before);
	for (uint64_t seq = 1; seq <= 4; seq++)
		produce_beat(seq);
	for (uint64_t seq = 1; seq <= 4; seq++)
		expect(seq);
	expect_none();
	ck_assert_uint_eq(ring.position, 2 * RECORD);
	ck_assert_uint_eq(ring.malformed, 0);
}
END_TEST

START_TEST(test_busy)
{
	unsigned long position;

	produce_beat(1);
	position = produce(2, sizeof(struct hb_beat), BPF_RINGBUF_BUSY_BIT);
	produce_beat(3);
	expect(1);
	ck_assert(!busy);
	/* Order is kept: what is behind waits too. */
	expect_none();
	ck_assert(busy);
	*header_at(position) = sizeof(struct hb_beat);
	expect(2);
	expect(3);
	expect_none();
	ck_assert(!busy);
}
END_TEST

START_TEST(test_discarded)
{
	produce(1, sizeof(struct hb_beat), BPF_RINGBUF_DISCARD_BIT);
	produce_beat(2);
	produce(3, sizeof(struct hb_beat), BPF_RINGBUF_DISCARD_BIT);
	expect(2);
	expect_none();
	ck_assert_uint_eq(ring.position, *producer);
	ck_assert_uint_eq(ring.malformed, 0);
}
END_TEST

static const uint32_t other_lengths[] = {0, 1, 8, 23, 25, 32, 100};

START_TEST(test_other_length)
{
	produce_beat(1);
	produce(2, other_lengths[_i], 0);
	produce_beat(3);
	expect(1);
	expect(3);
	expect_none();
	ck_assert_uint_eq(ring.malformed, 1);
}
END_TEST

/* A length that goes beyond the end: nothing there can be believed. */
START_TEST(test_impossible_length)
{
	unsigned long position;

	produce_beat(1);
	position = produce_beat(2);
	*header_at(position) = BPF_RINGBUF_DISCARD_BIT - 1;
	produce_beat(3);
	expect(1);
	expect_none();
	ck_assert_uint_eq(ring.position, *producer);
	ck_assert_uint_ge(ring.malformed, 2);
	produce_beat(4);
	expect(4);
}
END_TEST

/* Any reader may write any ring's consumer position. */
static const unsigned long forged[] = {8, 1, RECORD + 24, 1000 * RECORD, 0UL - 1000 * RECORD};

START_TEST(test_forged_position)
{
	for (uint64_t seq = 1; seq <= 3; seq++)
		produce_beat(seq);
	attach(forged[_i]);
	ck_assert_uint_eq(ring.position, *producer);
	ck_assert_uint_ge(ring.malformed, 1);
	expect_none();
	produce_beat(4);
	expect(4);
}
END_TEST

START_TEST(test_clear)
{
	produce_beat(1);
	produce_beat(2);
	ring_clear(&ring);
	ck_assert_uint_eq(*consumer, *producer);
	expect_none();
	produce_beat(3);
	expect(3);
}
END_TEST

Suite *ring_suite(void)
{
	Suite *suite = suite_create("ring");
	TCase *tcase = tcase_create("ring");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, test_empty);
	tcase_add_test(tcase, test_order_and_commit);
	tcase_add_test(tcase, test_around);
	tcase_add_test(tcase, test_position_overflow);
	tcase_add_test(tcase, test_busy);
	tcase_add_test(tcase, test_discarded);
	tcase_add_loop_test(tcase, test_other_length, 0,
			    sizeof(other_lengths) / sizeof(other_lengths[0]));
	tcase_add_test(tcase, test_impossible_length);
	tcase_add_loop_test(tcase, test_forged_position, 0, sizeof(forged) / sizeof(forged[0]));
	tcase_add_test(tcase, test_clear);
	suite_add_tcase(suite, tcase);
	return suite;
}
