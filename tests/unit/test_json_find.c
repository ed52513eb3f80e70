// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Members of a document: reader/text/json_find.c */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "reader/text/json_find.h"
#include "tests/unit/suites.h"

static const char document[] =
	"{\"v\":1,\"type\":\"a\",\"trap\":\"\\\"number\\\":5,\\\\\",\"list\":[1,{\"number\":2},\"]\"],"
	" \"inner\" : {\"number\":3,\"text\":\"in}ner\"} ,\"number\":18446744073709551615,"
	"\"decimal\":12.999,\"null\":null,\"text\":\"a\\\\b\\\"c\\u00e9d\\n\",\"last\":true}\n";

static const struct {
	const char *name;
	const char *value; /* how it begins; NULL: there is none */
} members[] = {
	{"v", "1,"},
	{"type", "\"a\","},
	{"list", "[1,"},
	{"inner", "{\"number\":3"},
	{"number", "18446744073709551615,"},
	{"decimal", "12.999,"},
	{"null", "null,"},
	{"last", "true}"},
	{"", NULL},
	{"a", NULL},
	{"V", NULL},
	{"typ", NULL},
	{"types", NULL},
	{"\"number\\", NULL},
};

START_TEST(test_find)
{
	const char *found = json_find(document, members[_i].name);

	if (!members[_i].value) {
		ck_assert_ptr_null(found);
		return;
	}
	ck_assert_ptr_nonnull(found);
	ck_assert_int_eq(strncmp(found, members[_i].value, strlen(members[_i].value)), 0);
}
END_TEST

START_TEST(test_values)
{
	char text[64];
	char narrow[4];
	uint64_t number = 7;

	ck_assert(json_find_string(document, "text", text, sizeof(text)));
	ck_assert_str_eq(text, "a\\b\"c?d?");
	ck_assert(json_find_string(document, "text", narrow, sizeof(narrow)));
	ck_assert_str_eq(narrow, "a\\b");
	ck_assert(json_find_string(json_find(document, "inner"), "text", text, sizeof(text)));
	ck_assert_str_eq(text, "in}ner");
	ck_assert(!json_find_string(document, "v", text, sizeof(text)));
	ck_assert_str_eq(text, "");
	ck_assert(!json_find_number(document, "null", &number));
	ck_assert(!json_find_number(document, "text", &number));
	ck_assert(!json_find_number(document, "none", &number));
	ck_assert_uint_eq(number, 7);
	ck_assert(json_find_number(document, "decimal", &number));
	ck_assert_uint_eq(number, 12);
	ck_assert(json_find_number(document, "number", &number));
	ck_assert_uint_eq(number, UINT64_MAX);
	ck_assert(!json_find_number("{\"x\":18446744073709551616}", "x", &number));
	ck_assert(!json_find_number("{\"x\":999999999999999999999999}", "x", &number));
	ck_assert(!json_find_number("{\"x\":-1}", "x", &number));
}
END_TEST

/* Cut or spoilt anywhere, it is never read beyond its end: the sanitizers watch. */
START_TEST(test_broken)
{
	static const char bytes[] = "{}[]\",:\\0u ";
	const size_t length = strlen(document);
	char text[64];
	uint64_t number;

	for (size_t i = 0; i <= length; i++) {
		for (size_t j = 0; j < sizeof(bytes); j++) {
			char *copy = strdup(document);

			ck_assert_ptr_nonnull(copy);
			if (i < length)
				copy[i] = bytes[j];
			json_find(copy, "last");
			json_find_string(copy, "text", text, sizeof(text));
			json_find_number(copy, "decimal", &number);
			free(copy);
		}
	}
	ck_assert_ptr_null(json_find("", "a"));
	ck_assert_ptr_null(json_find("[]", "a"));
	ck_assert_ptr_null(json_find("{}", "a"));
	ck_assert_ptr_null(json_find("{\"a\"}", "a"));
	ck_assert_ptr_null(json_find("{\"b\":}}}}", "a"));
}
END_TEST

Suite *json_find_suite(void)
{
	Suite *suite = suite_create("json_find");
	TCase *tcase = tcase_create("json_find");

	tcase_add_loop_test(tcase, test_find, 0, sizeof(members) / sizeof(members[0]));
	tcase_add_test(tcase, test_values);
	tcase_add_test(tcase, test_broken);
	suite_add_tcase(suite, tcase);
	return suite;
}
