/* SPDX-License-Identifier: BSD-2-Clause */
/* conf/pagerules.c - a URL, and the file of its keys. */
#include "config.h"

#include "conf/pagerules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/report.h"
#include "base/textfile.h"
#include "conf/section.h"

#define WHY_MAX 300
#define LONG 60 /* bytes of a page beside which a first line has room for little */

/* Read the keys; false: there are none, and why has been said. */
static bool
read_keys(struct reftag_keys *keys, const struct section *root, struct report *report)
{
	const char *path = section_text(root, "page_key_file");
	struct place place = section_place(root, "page_key_file");
	char why[WHY_MAX], *text;
	bool good;

	/* What is no path has been said. */
	if (path == NULL ||
	    !keyword_check(
		section_word(root, "page_key_file")->keyword, path, why, sizeof(why)))
		return false;
	text = textfile_read(path, TEXTFILE_SECRET, why, sizeof(why));
	good = text != NULL && reftag_read(keys, text, why, sizeof(why));
	free(text);
	if (!good)
		report_mistake(report, &place, "page_key_file: %s: %s", path, why);
	else if (keys->n > 1 && clock_wall() >= keys->until)
		report_warning(report, &place,
		    "page_key_file: the old key in %s counts for nothing any more: take its "
		    "line away",
		    path);
	return good;
}

/* What is odd about a page, or keeps refusals from leading there. */
static void
warn(
    const struct section *root, const char *url, bool keyed, bool stored, struct report *report)
{
	struct place place = section_place(root, "page");

	if (strncmp(url, "https://", strlen("https://")) != 0)
		report_warning(report, &place,
		    "page: is not https: whoever is on the way can read what people are shown, "
		    "and change it");
	if (strlen(url) > LONG)
		report_warning(report, &place,
		    "page: beside more than %d bytes the first line of a refusal may have no "
		    "room for the reason",
		    LONG);
	if (!keyed)
		report_warning(
		    report, &place, "page: refusals do not lead there without page_key_file");
	if (!stored)
		report_warning(report, &place,
		    "page: refusals do not lead there without path in store: it would know none");
}

void
pagerules_build(
    struct page_options *o, const struct section *root, bool stored, struct report *report)
{
	const char *url = section_text(root, "page");
	struct place place = section_place(root, "page_key_file");
	bool has_file = section_text(root, "page_key_file") != NULL;
	bool keyed = read_keys(&o->keys, root, report);
	char why[WHY_MAX];
	size_t len;

	if (url == NULL && has_file)
		report_warning(report, &place, "page_key_file: is of no use without page");
	if (url == NULL || !checker_page(url, why, sizeof(why)))
		return;
	warn(root, url, has_file, stored, report);
	if (!keyed || !stored || (o->url = values_copy(url, report)) == NULL)
		return;
	for (len = strlen(o->url); o->url[len - 1] == '/'; len--)
		o->url[len - 1] = '\0';
}

void
pagerules_check_passes(
    const struct page_options *o, const struct section *root, struct report *report)
{
	for (size_t i = 0; o->url == NULL && i < root->nsections; i++) {
		const struct section *policy = &root->sections[i];
		struct place place;

		if (strcmp(policy->kind, "policy") != 0 || !section_word(policy, "pass")->set ||
		    section_number(policy, "pass") == 0)
			continue;
		place = section_place(policy, "pass");
		report_warning(report, &place,
		    "pass: nobody can take one: refusals do not lead to a page (page)");
	}
}

const char *
page_link(const struct page_options *o, const char *ref, char out[PAGE_LINK_SIZE])
{
	char tagged[REFTAG_SIZE];

	if (o->url == NULL)
		return NULL;
	reftag_make(&o->keys, ref, tagged);
	snprintf(out, PAGE_LINK_SIZE, "%s/r/%s", o->url, tagged);
	return out;
}

void
page_options_clear(struct page_options *o)
{
	free(o->url);
	reftag_clear(&o->keys);
}
