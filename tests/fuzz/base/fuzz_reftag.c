/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_reftag.c - a key file of whatever text, and whatever comes as a reference with its tag:
 * a file is read or said to be none, and no text is taken but those that the keys make.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/reftag.h"
#include "fuzz/fuzz.h"

#define FILE_MAX 400
#define TEXT_MAX 40
#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"

static void
read_file(const char *text)
{
	struct reftag_keys keys;
	char why[200] = "";
	bool good = reftag_read(&keys, text, why, sizeof(why));

	MUST(good == (why[0] == '\0'));
	MUST(!good || (keys.n >= 1 && keys.n <= REFTAG_KEYS));
}

/* What is taken is a reference, and the tag that is made of it, but for the case of letters. */
static void
check_text(const struct reftag_keys *keys, const char *text)
{
	char ref[REF_LEN + 1], made[REFTAG_SIZE];
	uint64_t number;

	if (!reftag_check(keys, text, 0, ref))
		return;
	MUST(strlen(ref) == REF_LEN && ref_read(ref, &number));
	reftag_make(keys, ref, made);
	MUST(strlen(text) == strlen(made));
	for (size_t i = 0; made[i] != '\0'; i++)
		MUST(text[i] == made[i] || text[i] == made[i] - 'A' + 'a');
}

/* A reference of the input's, with its tag, one byte of which may be another. */
static void
check_made(const struct reftag_keys *keys, const char *ref, uint8_t place, uint8_t change)
{
	char made[REFTAG_SIZE], back[REF_LEN + 1];
	uint64_t number;

	if (!ref_read(ref, &number))
		return;
	for (int i = 0; i < REF_LEN; i++)
		back[i] = (char)(ref[i] >= 'a' && ref[i] <= 'z' ? ref[i] - 'a' + 'A' : ref[i]);
	back[REF_LEN] = '\0';
	reftag_make(keys, back, made);
	MUST(reftag_check(keys, made, 0, back));
	made[REF_LEN + 1 + place % REFTAG_LEN] ^= (char)(change & 0x0f);
	MUST(reftag_check(keys, made, 0, back) == ((change & 0x0f) == 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reftag_keys keys;
	struct input in = {data, size};
	char why[200];

	MUST(reftag_read(&keys, KEY, why, sizeof(why)));
	while (in.left > 0) {
		uint8_t place = input_byte(&in), change = input_byte(&in);
		char *text = input_text(&in, TEXT_MAX), *file = input_text(&in, FILE_MAX);

		check_text(&keys, text);
		check_made(&keys, text, place, change);
		read_file(file);
		free(text);
		free(file);
	}
	return 0;
}
