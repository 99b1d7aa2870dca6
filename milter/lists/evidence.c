/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lists/evidence.c - what one list said of one address, and the text in which nodes
 * tell it to each other.  Whatever is read here may have been written by
 * anybody.
 */
#include "config.h"

#include "lists/evidence.h"

#include <string.h>

#include "base/ascii.h"
#include "base/number.h"
#include "base/strbuf.h"

#define CODE_NET 127U           /* the first octet of every code */
#define EXPIRY_MAX 999999999999 /* enough for 30,000 years */

static uint32_t
clamp(uint32_t value, uint32_t low, uint32_t high)
{
	if (value < low)
		return low;
	return value > high ? high : value;
}

const char *
fact_state_name(enum fact_state state)
{
	static const char *const names[] = {
	    [FACT_UNKNOWN] = "unknown",
	    [FACT_CLEAR] = "clear",
	    [FACT_LISTED] = "listed",
	    [FACT_ERROR] = "error",
	};

	return names[state];
}

uint32_t
fact_ttl(enum fact_state state, uint32_t ttl)
{
	switch (state) {
	case FACT_LISTED:
		return clamp(ttl, FACT_TTL_LISTED_MIN, FACT_TTL_LISTED_MAX);
	case FACT_CLEAR:
		return clamp(ttl, FACT_TTL_CLEAR_MIN, FACT_TTL_CLEAR_MAX);
	case FACT_ERROR:
		return FACT_TTL_ERROR;
	case FACT_UNKNOWN:
		break;
	}
	return 0;
}

void
fact_add_code(struct fact *fact, uint32_t code)
{
	unsigned i = 0;

	while (i < fact->ncodes && fact->code[i] < code)
		i++;
	if (fact->ncodes == FACT_CODES || (i < fact->ncodes && fact->code[i] == code))
		return;
	memmove(&fact->code[i + 1], &fact->code[i], (fact->ncodes - i) * sizeof(fact->code[0]));
	fact->code[i] = code;
	fact->ncodes++;
}

bool
fact_encode(const struct fact *fact, int64_t now_ms, int64_t now_wall, char out[FACT_VALUE_MAX])
{
	struct strbuf value;
	int64_t left = (fact->expires - now_ms) / 1000;

	strbuf_init(&value, out, FACT_VALUE_MAX);
	if (left < 1 || (fact->state != FACT_LISTED && fact->state != FACT_CLEAR))
		return false;
	if ((fact->state == FACT_LISTED) != (fact->ncodes > 0))
		return false;
	strbuf_add(&value, "1|");
	for (unsigned i = 0; i < fact->ncodes; i++) {
		if (i > 0)
			strbuf_addc(&value, ',');
		strbuf_add_code(&value, fact->code[i]);
	}
	strbuf_addc(&value, '|');
	strbuf_add_num(&value, now_wall + left);
	return !value.cut;
}

/* Read the codes up to the bar: none, or as many as a fact can hold. */
static bool
take_codes(const char **at, struct fact *fact)
{
	uint32_t code;

	if (ascii_take(at, "|"))
		return true;
	for (unsigned n = 0; n < FACT_CODES; n++) {
		if (!number_octets(at, 4, &code) || code >> 24 != CODE_NET)
			return false;
		fact_add_code(fact, code);
		if (ascii_take(at, "|"))
			return true;
		if (!ascii_take(at, ","))
			return false;
	}
	return false;
}

bool
fact_decode(struct fact *fact, const char *value, size_t len, int64_t now_ms, int64_t now_wall)
{
	char text[FACT_VALUE_MAX];
	const char *at = text;
	struct fact read = {.source = FACT_FROM_REDIS};
	int64_t expiry, left;

	*fact = read;
	if (len >= sizeof(text))
		return false;
	memcpy(text, value, len);
	text[len] = '\0';
	if (!ascii_take(&at, "1|") || !take_codes(&at, &read))
		return false;
	expiry = number_plain(&at, EXPIRY_MAX);
	read.state = read.ncodes > 0 ? FACT_LISTED : FACT_CLEAR;
	left = expiry - now_wall;
	if (at != text + len || expiry < 0 || left < 1 ||
	    left > (int64_t)fact_ttl(read.state, UINT32_MAX) + FACT_TTL_MARGIN)
		return false;
	read.expires = now_ms + left * 1000;
	*fact = read;
	return true;
}
