/* SPDX-License-Identifier: BSD-2-Clause */
/* control/operand.c - what an administrator has typed, read strictly and bounded. */
#include "config.h"

#include "control/operand.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/ascii.h"
#include "base/random.h"
#include "base/setting.h"
#include "base/strbuf.h"

bool
operand_read(struct operand *o, const struct conf *conf, const char *text, bool names,
    char *why, size_t whysize)
{
	*o = (struct operand){.is_name = false};
	if (text != NULL && ipaddr_parse(&o->address, text)) {
		nat64_fold(conf->nat64, conf->nnat64, &o->address);
		return true;
	}
	o->is_name = names && text != NULL && domain_normalise(text, o->name);
	if (o->is_name)
		return true;
	return strbuf_fail(why, whysize, "address: must be an IPv4 or IPv6 address%s",
	    names ? ", or a name in DNS" : "");
}

/* Whether a text in UTF-8 does nothing to a terminal: who reads it may have more rights than
 * who wrote it. */
static bool
is_harmless(const char *text, bool lines)
{
	for (; *text != '\0'; text++)
		if (!(lines && (*text == '\n' || *text == '\t')) &&
		    ascii_control_length(text) > 0)
			return false;
	return true;
}

/* A text without what stands around it; false: it is too long to be an address. */
static bool
unwrap(const char *text, char out[OPERAND_SAID_SIZE])
{
	size_t len;

	text += strspn(text, " \t");
	if (strncasecmp(text, "ref", 3) == 0 && text[3] != '\0' &&
	    strchr(" =:", text[3]) != NULL)
		text += 4;
	text += strspn(text, " \t[");
	len = strcspn(text, " \t]");
	if (len >= OPERAND_SAID_SIZE || text[len + strspn(text + len, " \t]")] != '\0')
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

/* As references are made: each of the letters that they do not have can be taken for a digit. */
static void
mend_reference(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text >= 'a' && *text <= 'z')
			*text = (char)(*text - 'a' + 'A');
		if (*text == 'O')
			*text = '0';
		else if (*text == 'I' || *text == 'L')
			*text = '1';
	}
}

enum operand_said
operand_said(const char *text, char out[OPERAND_SAID_SIZE], char *why, size_t whysize)
{
	char ref[OPERAND_SAID_SIZE];
	struct ipaddr address;
	uint64_t number;

	if (text == NULL || !unwrap(text, out) || !is_harmless(out, false))
		(void)strbuf_copy(out, OPERAND_SAID_SIZE, "...");
	if (ipaddr_parse(&address, out))
		return SAID_ADDRESS;
	(void)strbuf_copy(ref, sizeof(ref), out);
	mend_reference(ref);
	if (ref_read(ref, &number)) {
		(void)strbuf_copy(out, OPERAND_SAID_SIZE, ref);
		return SAID_REFERENCE;
	}
	(void)strbuf_fail(why, whysize,
	    "\"%s\" is neither an address nor a reference (eight of 0-9 and A-Z without I, L, "
	    "O, U)",
	    out);
	return SAID_NEITHER;
}

struct subject
operand_subject(const struct operand *o, enum role role)
{
	static const struct ipaddr none = {.bits = 0};

	if (role == ROLE_ADDRESS)
		return subject_address(o->is_name ? &none : &o->address);
	return subject_name(role, o->is_name ? o->name : NULL);
}

listset
operand_lists(const struct operand *o, const struct roster *roster, enum role role)
{
	struct subject subject = operand_subject(o, role);
	listset lists = roster_of(roster, role);

	for (unsigned i = 0; i < roster->n; i++)
		if (listset_has(lists, i) && !listing_covers(roster->list[i], &subject))
			lists &= ~((listset)1 << i);
	return lists;
}

bool
operand_time(const json_t *args, int64_t usual, int64_t *ms, char *why, size_t whysize)
{
	bool bad = false;
	const char *text = request_text(args, "for", &bad);
	char fault[128];

	*ms = usual;
	if (bad)
		return strbuf_fail(why, whysize, "for: must be a text");
	if (text == NULL ||
	    setting_duration(text, OPERAND_MS_MIN, OPERAND_MS_MAX, ms, fault, sizeof(fault)))
		return true;
	return strbuf_fail(why, whysize, "for: %s", fault);
}

static bool
read_words(const json_t *args, const char *key, size_t max, bool lines, const char **words,
    char *why, size_t whysize)
{
	bool bad = false;

	*words = request_text(args, key, &bad);
	if (bad)
		return strbuf_fail(why, whysize, "%s: must be a text", key);
	if (*words != NULL && strlen(*words) > max)
		return strbuf_fail(why, whysize, "%s: must have %zu bytes at most", key, max);
	if (*words != NULL && !is_harmless(*words, lines))
		return strbuf_fail(why, whysize, "%s: must have no control characters", key);
	return true;
}

bool
operand_words(const json_t *args, const char *key, size_t max, const char **words, char *why,
    size_t whysize)
{
	return read_words(args, key, max, false, words, why, whysize);
}

bool
operand_text(const json_t *args, const char *key, size_t max, const char **text, char *why,
    size_t whysize)
{
	return read_words(args, key, max, true, text, why, whysize);
}

bool
operand_why(const json_t *args, const char **words, char *why, size_t whysize)
{
	return operand_words(args, "why", OPERAND_WHY_MAX, words, why, whysize);
}

/* A time in UTC, by a format that has to fit all of the text; -1: it does not. */
static int64_t
read_time(const char *text, const char *format)
{
	struct tm tm = {.tm_mday = 1};
	const char *rest = strptime(text, format, &tm);

	return rest != NULL && *rest == '\0' ? (int64_t)timegm(&tm) : -1;
}

bool
operand_date(const json_t *args, const char *key, int64_t after, int64_t last, int64_t *wall,
    char *why, size_t whysize)
{
	bool bad = false;
	const char *text = request_text(args, key, &bad);

	if (bad || text == NULL)
		return strbuf_fail(why, whysize, "%s: say a date, such as 2026-12-05", key);
	if ((*wall = read_time(text, "%Y-%m-%d")) < 0)
		*wall = read_time(text, "%Y-%m-%dT%H:%M:%SZ");
	if (*wall < 0)
		return strbuf_fail(
		    why, whysize, "%s: must be like 2026-12-05 or 2026-12-05T10:00:00Z", key);
	if (*wall <= after || *wall > last)
		return strbuf_fail(why, whysize, "%s: must be in the next %d days", key,
		    (int)((last - after) / 86400));
	return true;
}
