/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The value that nodes share: what is written is read again, and nothing but a value of our
 * own making is ever believed.
 */
#include "config.h"

#include "redis/sharedvalue.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define CODE(b, c, d) (0x7f000000U | (b) << 16 | (c) << 8 | (d))

static void
test_list(void)
{
	static struct {
		char label[8];
		uint32_t tag;
	} rows[] = {{"zen", 0x62c971ba}, {"zen", 0x62c971bb}, {"zen", 0x63c971ba},
	    {"zem", 0x62c971ba}, {"bl", 0x62c971ba}, {"", 0}, {"", 1}};
	char zen[] = "zen";
	struct listing list = {.label = zen, .tag = 0x62c971ba};
	char text[16];
	struct strbuf sb;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t k = 0; k < i; k++) {
			struct listing a = {.label = rows[i].label, .tag = rows[i].tag};
			struct listing b = {.label = rows[k].label, .tag = rows[k].tag};

			ok(sharedvalue_list(&a) != sharedvalue_list(&b) &&
				sharedvalue_list(&a) >> 36 == 0,
			    "list: %zu is not %zu", i, k);
		}
	strbuf_init(&sb, text, sizeof(text));
	sharedvalue_add(&sb, sharedvalue_list(&list), &(struct fact){.state = FACT_CLEAR}, 0);
	same_str(text, "Kubr74000", "list: as other nodes call it");
}

static void
test_add(void)
{
	static const struct {
		const char *label;
		uint64_t list;
		struct fact fact;
		unsigned before;
		const char *want;
	} rows[] = {
	    {"clear", 1, {.state = FACT_CLEAR}, 0, "000001000"},
	    {"clear, sooner", 0xfffffffff, {.state = FACT_CLEAR}, 900, "______0E4"},
	    {"two codes", 64,
		{.state = FACT_LISTED,
		    .ncodes = 2,
		    .code = {CODE(0, 0, 4), CODE(255, 255, 255)}},
		4095, "0000102__0004____"},
	    {"most codes", 0,
		{.state = FACT_LISTED,
		    .ncodes = 8,
		    .code = {CODE(0, 0, 1), CODE(0, 0, 2), CODE(0, 0, 3), CODE(0, 0, 4),
			CODE(0, 0, 5), CODE(0, 0, 6), CODE(0, 0, 7), CODE(0, 0, 8)}},
		63, "00000080_00010002000300040005000600070008"},
	};
	struct sharedvalue_reader reader;
	struct sharedvalue_fact back;
	char text[64];
	struct strbuf sb;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strbuf_init(&sb, text, sizeof(text));
		strbuf_add(&sb, SHAREDVALUE_VERSION);
		sharedvalue_add(&sb, rows[i].list, &rows[i].fact, rows[i].before);
		same_str(text + strlen(SHAREDVALUE_VERSION), rows[i].want, rows[i].label);
		ok(sharedvalue_begin(&reader, sb.data, sb.len) &&
			sharedvalue_next(&reader, &back) && !sharedvalue_next(&reader, &back),
		    "%s: read again", rows[i].label);
		ok(back.list == rows[i].list && back.before == rows[i].before &&
			back.fact.state == rows[i].fact.state &&
			back.fact.ncodes == rows[i].fact.ncodes &&
			back.fact.source == FACT_FROM_REDIS &&
			memcmp(back.fact.code, rows[i].fact.code, sizeof(back.fact.code)) == 0,
		    "%s: the same", rows[i].label);
	}
}

#define FACT1 "000001000"  /* list 1 is clear to the end, */
#define FACT2 "0000020010" /* one digit too many */

/* Values, and how many seconds before the end the facts of their lists end; none: refused.
 * len is that of the text where it is 0. */
static const struct {
	const char *label;
	const char *value;
	size_t len;
	unsigned n, before[4];
} values[] = {
    {"one", "2" FACT1, 0, 1, {0}},
    {"two", "2000001000000002001", 0, 2, {0, 1}},
    {"put off", "2000001000>00a000002001", 0, 2, {10, 1}},
    {"counted from before", "2000001000<00a000002001", 0, 2, {0, 11}},
    {"put off twice", "2000001000>00a000002001>100000003002", 0, 3, {266, 257, 2}},
    {"each way", "2000001000<00a000002001>100000003002<fff000004000", 0, 4,
	{256, 267, 2, 4095}},
    {"after before, the end again", "2000001000<00a000002001>000000003002", 0, 3, {0, 11, 2}},
    {"of one list, all", "2000001005000001001", 0, 2, {5, 1}},
    {"empty", "", 0, 0, {0}},
    {"version alone", "2", 0, 0, {0}},
    {"another version", "3" FACT1, 0, 0, {0}},
    {"the first version", "1||1766300060", 0, 0, {0}},
    {"no version", FACT1, 0, 0, {0}},
    {"cut in its list", "200000", 0, 0, {0}},
    {"cut before codes", "2000001", 0, 0, {0}},
    {"cut in its end", "200000100", 0, 0, {0}},
    {"cut in a code", "2000001100000", 0, 0, {0}},
    {"cut after a code", "20000012000002", 0, 0, {0}},
    {"a digit more", "2" FACT2, 0, 0, {0}},
    {"nine codes", "2000001900000010002000300040005000600070008000900", 0, 0, {0}},
    {"a letter of codes", "2000001a00", 0, 0, {0}},
    {"a shift alone", "2>00a", 0, 0, {0}},
    {"a shift at the end", "2" FACT1 ">00a", 0, 0, {0}},
    {"two shifts", "2" FACT1 ">00a<00a" FACT1, 0, 0, {0}},
    {"a short shift", "2" FACT1 ">0a" FACT1, 0, 0, {0}},
    {"a shift in capitals", "2" FACT1 ">00A" FACT1, 0, 0, {0}},
    {"a negative shift", "2" FACT1 ">-01" FACT1, 0, 0, {0}},
    {"blank in front", " 2" FACT1, 0, 0, {0}},
    {"newline behind", "2" FACT1 "\n", 0, 0, {0}},
    {"NUL behind", "2" FACT1 "\0", 11, 0, {0}},
    {"NUL within",
	"200\0"
	"001000",
	10, 0, {0}},
    {"8-bit",
	"200000\xb1"
	"000",
	0, 0, {0}},
    {"no more than len is read", "2" FACT1 "x", 10, 1, {0}},
};

static void
test_read(void)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		size_t len = values[i].len > 0 ? values[i].len : strlen(values[i].value);
		char *copy = malloc(len > 0 ? len : 1); /* so that a byte too far is seen */
		struct sharedvalue_reader reader;
		struct sharedvalue_fact fact;
		unsigned n = 0;

		if (copy == NULL)
			abort();
		memcpy(copy, values[i].value, len);
		ok(sharedvalue_begin(&reader, copy, len) == (values[i].n > 0),
		    "%s: read, or not", values[i].label);
		while (values[i].n > 0 && sharedvalue_next(&reader, &fact)) {
			ok(n < values[i].n && fact.before == values[i].before[n], "%s: %u ends",
			    values[i].label, n);
			n++;
		}
		same_num(n, values[i].n, values[i].label);
		free(copy);
	}
}

/* Whatever is changed in a good value, it is refused, or read to its end within bounds. */
static void
test_mangled(void)
{
	static const char good[] = "2000001000>00a0000021010004<001000003200000B0004";
	unsigned held = 0, tried = 0;

	for (size_t at = 0; at < sizeof(good) - 1; at++)
		for (int byte = 0; byte < 256; byte++) {
			char value[sizeof(good)];
			struct sharedvalue_reader reader;
			struct sharedvalue_fact fact;
			bool good_fact = true;

			memcpy(value, good, sizeof(good));
			value[at] = (char)byte;
			if (sharedvalue_begin(&reader, value, sizeof(good) - 1)) {
				while (sharedvalue_next(&reader, &fact))
					good_fact &= fact.fact.ncodes <= FACT_CODES &&
					    fact.before <= 4 * SHAREDVALUE_BEFORE_MAX;
				good_fact &= reader.at == reader.end && reader.later == 0;
			}
			tried++;
			held += good_fact;
		}
	same_num(held, tried, "every byte of a good value changed to every other");
}

int
main(void)
{
	test_list();
	test_add();
	test_read();
	test_mangled();
	return done();
}
