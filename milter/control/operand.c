/* SPDX-License-Identifier: BSD-2-Clause */
/* control/operand.c - what an administrator has typed, read strictly and bounded. */
#include "config.h"

#include "control/operand.h"

#include <string.h>

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

/* Whether a text in UTF-8 does nothing to a terminal: who reads it may have more rights than
 * who wrote it.  Control characters are those of ASCII, and U+0080 to U+009F. */
static bool
is_harmless(const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)text[0], next = (unsigned char)text[1];

		if (c < ' ' || c == 0x7f || (c == 0xc2 && next < 0xa0))
			return false;
	}
	return true;
}

bool
operand_why(const json_t *args, const char **words, char *why, size_t whysize)
{
	bool bad = false;

	*words = request_text(args, "why", &bad);
	if (bad)
		return strbuf_fail(why, whysize, "why: must be a text");
	if (*words != NULL && strlen(*words) > OPERAND_WHY_MAX)
		return strbuf_fail(
		    why, whysize, "why: must have %d bytes at most", OPERAND_WHY_MAX);
	if (*words != NULL && !is_harmless(*words))
		return strbuf_fail(why, whysize, "why: must have no control characters");
	return true;
}
