/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/pagerules.h - the page that refusals lead to, and the keys of the references in its
 * URLs, as the configuration has them.  May block on files.
 */
#ifndef RELAYGUARD_CONF_PAGERULES_H
#define RELAYGUARD_CONF_PAGERULES_H

#include <stdbool.h>

#include "base/reftag.h"
#include "conf/checker.h"

struct report;
struct section;

#define PAGE_LINK_SIZE (CHECKER_PAGE_MAX + sizeof("/r/") + REFTAG_SIZE)

/* url: without a slash at its end; NULL: refusals do not lead there. */
struct page_options {
	char *url;
	struct reftag_keys keys;
};

/* Read what the file says; mistakes, and what keeps refusals from leading there, go to the
 * report.  stored: decisions are kept, without which the page would know none. */
void pagerules_build(
    struct page_options *, const struct section *root, bool stored, struct report *);

/* Warn of policies with passes that nobody can take, as refusals do not lead there. */
void pagerules_check_passes(
    const struct page_options *, const struct section *root, struct report *);

/* Write the URL under which the page shows a reference; NULL: there is no page. */
const char *page_link(const struct page_options *, const char *ref, char out[PAGE_LINK_SIZE]);

void page_options_clear(struct page_options *);

#endif
