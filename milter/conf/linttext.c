/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/linttext.c - warnings of texts and URLs.  They are valid, but the first line of a
 * refusal has bounds, and readers take what touches a URL for a part of it.
 */
#include "config.h"

#include "conf/linttext.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/template.h"
#include "verdict/reply.h"

/* A URL of so many bytes is in the first line of nearly any refusal. */
#define URL_FITS 90

#define FILLED_MAX 8192 /* bytes of a template, filled in */

/* What fills the blanks: addresses as long as there are, names as long as is usual. */
#define LONGEST4 "255.255.255.255"
#define LONGEST6 "3fff:1111:2222:3333:4444:5555:6666:7777"
#define LONG_NAME "a-name-of-64-bytes.which-is-as-long-as-the-name-of-a-list-may-be"

static size_t
filled_size(const char *template, size_t len, const char *ip, bool url)
{
	static const char longest_category[] = "botnet-controller",
			  ref[REF_LEN + 1] = "7F3K2Q9M";
	const char *const filling[BLANKS] = {
	    [BLANK_IP] = ip,
	    [BLANK_DOMAIN] = LONG_NAME,
	    [BLANK_LIST] = LONG_NAME,
	    [BLANK_NAME] = LONG_NAME,
	    [BLANK_CATEGORY] = longest_category,
	    [BLANK_REF] = ref,
	};
	char storage[FILLED_MAX];
	struct strbuf filled;

	strbuf_init(&filled, storage, sizeof(storage));
	template_fill(&filled, template, len, filling, url);
	return filled.len;
}

/* Whether a URL in the text is touched by what is not its own. */
static bool
is_touched(const char *text)
{
	static const char scheme[] = "http";

	for (const char *at = text; (at = strstr(at, "://")) != NULL; at++) {
		const char *begin = at, *end = at + strcspn(at, " \n");

		while (begin > text && strchr(" \n", begin[-1]) == NULL)
			begin--;
		if (strncmp(begin, scheme, strlen(scheme)) != 0 ||
		    strchr(".,;:!?)>]'\"", end[-1]) != NULL)
			return true;
	}
	return false;
}

void
linttext_text(
    const char *text, const char *word, const struct place *place, struct report *report)
{
	/* "550-5.7.23 " before it, and behind it the reference. */
	size_t size = strlen("550-5.7.23  Ref ") + REF_LEN +
	    filled_size(text, strcspn(text, "\n"), LONGEST6, false);
	const char *colon = word != NULL ? ": " : "";

	word = word != NULL ? word : "";
	if (size > REPLY_FIRST_MAX)
		report_warning(report, place,
		    "%s%sits first line may have %zu bytes, and %d are sent: its last words are "
		    "left out then",
		    word, colon, size, REPLY_FIRST_MAX);
	if (is_touched(text))
		report_warning(report, place,
		    "%s%sa URL in it does not stand between blanks: what touches it will be taken "
		    "for a part of it",
		    word, colon);
}

static void
check_url(const struct section *sec, const char *word, const char *ip, struct report *report)
{
	const char *url = section_text(sec, word);
	struct place place;
	size_t size;

	if (url == NULL || (size = filled_size(url, strlen(url), ip, true)) <= URL_FITS)
		return;
	place = section_place(sec, word);
	report_warning(report, &place,
	    "%s: it may have %zu bytes: above %d the first line of a refusal, which some senders "
	    "show alone, may have no room for it",
	    word, size, URL_FITS);
}

static void
check_text(const struct section *sec, struct report *report)
{
	const char *text = section_text(sec, "text");
	struct place place;

	if (text == NULL)
		return;
	place = section_place(sec, "text");
	linttext_text(text, "text", &place, report);
}

static void
check_list(const struct section *list, struct report *report)
{
	const char *ip = section_number(list, "ipv6") != 0 ? LONGEST6 : LONGEST4;

	check_text(list, report);
	check_url(list, "removal", ip, report);
	check_url(list, "lookup", ip, report);
	for (size_t i = 0; i < list->nsections; i++)
		check_text(&list->sections[i], report);
}

void
linttext_check(const struct section *file, struct report *report)
{
	for (size_t i = 0; i < file->nsections; i++) {
		const struct section *sec = &file->sections[i];

		if (strcmp(sec->kind, "list") == 0)
			check_list(sec, report);
		else if (strcmp(sec->kind, "policy") == 0)
			check_text(sec, report);
		else if (strcmp(sec->kind, "deny") == 0)
			check_url(sec, "removal", LONGEST6, report);
	}
}
