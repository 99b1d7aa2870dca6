/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/traps.c - mailboxes in an array that is sorted by hashes, whole domains in a set of
 * domains.  By their names those of traps would stand together, and what is none elsewhere:
 * which part of the array is in the processor's cache would tell.
 */
#include "config.h"

#include "own/traps.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/bulk.h"
#include "base/domain.h"
#include "base/domainset.h"
#include "base/strbuf.h"

#define ADDRESS_SIZE (MAILBOX_LOCAL_MAX + MAILBOX_DOMAIN_MAX + 2)
#define PLUS "+*" /* ends a local part that has all behind a plus sign, too */

/* One address; its texts stand behind it. */
struct entry {
	struct trap trap;
	uint32_t hash;
	size_t order; /* of arrival */
	unsigned file, line;
	bool plus;
	bool whole;          /* it is a domain */
	const char *address; /* "user@example.org", "example.org", ".example.org" */
	char text[];
};

struct traps {
	struct entry **entry; /* those of mailboxes come first once it is sealed */
	size_t n, nboxes;
	uint32_t *hash;            /* of each mailbox */
	struct domainset *domains; /* the value of each is a trap */
	bool sealed;
};

const char *
trap_kind_name(enum trap_kind kind)
{
	static const char *const names[TRAP_KINDS] = {
	    [TRAP_PRISTINE] = "pristine",
	    [TRAP_RECYCLED] = "recycled",
	};

	return names[kind];
}

/* --- Addresses --- */

static bool
parse_domain(struct trap_address *out, const char *text, char *why, size_t whysize)
{
	char name[DOMAIN_NAME_SIZE];

	out->below = text[0] == '.';
	if (!domain_normalise(text + out->below, name))
		return strbuf_fail(why, whysize,
		    "must be like \"user@example.org\", \"example.org\" or \".example.org\"");
	if (domain_is_suffix(name))
		return strbuf_fail(why, whysize, "anybody may have a domain below that");
	return strbuf_copy(out->box.domain, sizeof(out->box.domain), name);
}

/* Whether a local part ends in "+*", which is taken off. */
static bool
take_plus(char *local)
{
	size_t len = strlen(local), end = sizeof(PLUS) - 1;

	if (len <= end || strcmp(local + len - end, PLUS) != 0)
		return false;
	local[len - end] = '\0';
	return true;
}

bool
trap_address_parse(struct trap_address *out, const char *text, char *why, size_t whysize)
{
	struct mailbox *box = &out->box;

	*out = (struct trap_address){.below = false};
	if (strchr(text, '@') == NULL)
		return parse_domain(out, text, why, whysize);
	if (!mailbox_parse(box, text) || box->local[0] == '\0' || box->domain[0] == '\0' ||
	    box->dubious)
		return strbuf_fail(why, whysize, "must be like \"user@example.org\"");
	out->plus = take_plus(box->local);
	return strpbrk(box->local, "*?") == NULL ||
	    strbuf_fail(
		why, whysize, "there are no patterns but \"user+*@example.org\" and a domain");
}

static void
write_address(struct strbuf *sb, const struct trap_address *at)
{
	if (at->box.local[0] != '\0')
		strbuf_addf(sb, "%s@", at->box.local);
	else if (at->below)
		strbuf_addc(sb, '.');
	strbuf_add(sb, at->box.domain);
}

/* --- The set --- */

struct traps *
traps_new(void)
{
	struct traps *traps = calloc(1, sizeof(*traps));

	if (traps != NULL && (traps->domains = domainset_new()) == NULL) {
		free(traps);
		return NULL;
	}
	return traps;
}

void
traps_free(struct traps *traps)
{
	if (traps == NULL)
		return;
	for (size_t i = 0; i < traps->n; i++)
		free(traps->entry[i]);
	free(traps->entry);
	free(traps->hash);
	domainset_free(traps->domains);
	free(traps);
}

/* Copy a text to *end, which goes behind it. */
static const char *
put_text(char **end, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = memcpy(*end, text, size);

	*end += size;
	return copy;
}

static uint32_t
hash_of(const char *address)
{
	return ascii_hash(ASCII_HASH, address, strlen(address), false);
}

static struct entry *
new_entry(const struct trap_address *at, const struct trap *trap)
{
	char address[ADDRESS_SIZE], *end;
	struct strbuf sb;
	struct entry *entry;

	strbuf_init(&sb, address, sizeof(address));
	write_address(&sb, at);
	entry = calloc(
	    1, sizeof(*entry) + strlen(address) + strlen(trap->id) + strlen(trap->note) + 3);
	if (entry == NULL)
		return NULL;
	end = entry->text;
	entry->address = put_text(&end, address);
	entry->trap.id = put_text(&end, trap->id);
	entry->trap.note = put_text(&end, trap->note);
	entry->trap.kind = trap->kind;
	entry->plus = at->plus;
	entry->whole = at->box.local[0] == '\0';
	entry->hash = hash_of(entry->address);
	return entry;
}

bool
traps_add(struct traps *traps, const struct trap_address *at, const struct trap *trap,
    unsigned file, unsigned line)
{
	struct entry **entries = bulk_next(traps->entry, traps->n, sizeof(struct entry *));
	struct entry *entry;

	assert(!traps->sealed);
	if (entries == NULL)
		return false;
	traps->entry = entries;
	if ((entry = new_entry(at, trap)) == NULL)
		return false;
	entry->order = traps->n;
	entry->file = file;
	entry->line = line;
	entries[traps->n++] = entry;
	return !entry->whole || domainset_add(traps->domains, entry->address, &entry->trap, 0);
}

static int
compare_entries(const void *va, const void *vb)
{
	const struct entry *a = *(struct entry *const *)va, *b = *(struct entry *const *)vb;
	int order = a->whole - b->whole;

	if (order == 0)
		order = (a->hash > b->hash) - (a->hash < b->hash);
	if (order == 0)
		order = strcmp(a->address, b->address);
	return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

bool
traps_seal(struct traps *traps)
{
	traps->sealed = true;
	domainset_seal(traps->domains);
	if (traps->n > 0)
		qsort(traps->entry, traps->n, sizeof(struct entry *), compare_entries);
	while (traps->nboxes < traps->n && !traps->entry[traps->nboxes]->whole)
		traps->nboxes++;
	if ((traps->hash = calloc(traps->nboxes + 1, sizeof(traps->hash[0]))) == NULL)
		return false;
	for (size_t i = 0; i < traps->nboxes; i++)
		traps->hash[i] = traps->entry[i]->hash;
	return true;
}

size_t
traps_count(const struct traps *traps)
{
	return traps->n;
}

struct traps_row
traps_at(const struct traps *traps, size_t i)
{
	const struct entry *entry = traps->entry[i];

	assert(traps->sealed);
	return (struct traps_row){entry->address, &entry->trap, entry->file, entry->line};
}

/* The first entry that is not before a mailbox, or the last one. */
static size_t
nearest(const struct traps *traps, uint32_t hash)
{
	size_t low = 0, high = traps->nboxes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (traps->hash[middle] < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low < traps->n ? low : traps->n - 1;
}

/* Find a mailbox, with so much of its local part; false: *entry is another one. */
static bool
find_box(const struct traps *traps, const struct mailbox *box, size_t len,
    const struct entry **entry)
{
	char address[ADDRESS_SIZE];
	struct strbuf sb;
	size_t at;
	uint32_t hash;

	strbuf_init(&sb, address, sizeof(address));
	strbuf_addn(&sb, box->local, len);
	strbuf_addf(&sb, "@%s", box->domain);
	hash = hash_of(address);
	for (at = nearest(traps, hash); at + 1 < traps->nboxes && traps->hash[at + 1] == hash &&
	     strcmp(traps->entry[at]->address, address) < 0;
	     at++)
		;
	*entry = traps->entry[at];
	return strcmp((*entry)->address, address) == 0;
}

const struct trap *
traps_match_domain(const struct traps *traps, const char *domain)
{
	struct domainset_entry whole;

	return traps != NULL && domainset_find(traps->domains, domain, &whole) ? whole.value
									       : NULL;
}

/* Those whom everybody may write to (RFC 2142). */
static bool
is_role(const char *local)
{
	return strcmp(local, "postmaster") == 0 || strcmp(local, "abuse") == 0;
}

/* All is looked for, whatever has been found. */
static bool
match_box(const struct traps *traps, const struct mailbox *box, const struct trap **trap)
{
	const struct entry *full, *cut;
	bool is_full = find_box(traps, box, strlen(box->local), &full);
	bool is_cut = find_box(traps, box, strcspn(box->local, "+"), &cut);
	const struct trap *whole = traps_match_domain(traps, box->domain);

	*trap = &full->trap;
	if (is_full)
		return true;
	if (is_cut && cut->plus)
		*trap = &cut->trap;
	else if (whole != NULL && !is_role(box->local))
		*trap = whole;
	else
		return false;
	return true;
}

bool
traps_find(const struct traps *traps, const char *path, const struct trap **trap)
{
	struct mailbox box;

	*trap = NULL;
	if (traps == NULL || traps->n == 0)
		return false;
	*trap = &traps->entry[0]->trap;
	return mailbox_parse(&box, path) && box.local[0] != '\0' && box.domain[0] != '\0' &&
	    match_box(traps, &box, trap);
}

const struct trap *
traps_match(const struct traps *traps, const char *path)
{
	const struct trap *trap;

	return traps_find(traps, path, &trap) ? trap : NULL;
}

const char *
traps_show_domain(const struct trap *trap, char out[TRAPS_SHOWN_SIZE])
{
	struct strbuf sb;

	strbuf_init(&sb, out, TRAPS_SHOWN_SIZE);
	strbuf_addf(&sb, "trap:%s", trap->id);
	return out;
}

const char *
traps_show(const struct traps *traps, const struct trap *trap, const char *path,
    char out[TRAPS_SHOWN_SIZE])
{
	struct mailbox box;
	struct strbuf sb;

	strbuf_init(&sb, out, TRAPS_SHOWN_SIZE);
	strbuf_addf(&sb, "trap:%s", trap->id);
	if (mailbox_parse(&box, path) && box.domain[0] != '\0' &&
	    traps_match_domain(traps, box.domain) == NULL)
		strbuf_addf(&sb, "@%s", box.domain);
	return out;
}
