/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/contactcache.c - an array of JSON; what is older than a week is left out when read. */
#include "config.h"

#include "ctl/contactcache.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/prefix.h"
#include "base/strbuf.h"
#include "base/textfile.h"
#include "ctl/newfile.h"

#define ENTRIES_MAX 4096
#define DAY_S 86400
#define WHY_MAX 256

struct contactcache {
	char path[NEWFILE_PATH_MAX];
	json_t *entries;
	bool changed;
};

static const char *
text_of(const json_t *entry, const char *key)
{
	const char *text = json_string_value(json_object_get(entry, key));

	return text != NULL ? text : "";
}

static int64_t
time_of(const json_t *entry)
{
	return json_integer_value(json_object_get(entry, "time"));
}

/* Take over what is not too old; from the future, if a clock was wrong, is too old. */
static void
take(struct contactcache *c, const json_t *all, int64_t now)
{
	size_t i;
	json_t *entry;

	json_array_foreach(all, i, entry)
	{
		int64_t age = now - time_of(entry);

		if (age >= 0 && age < CONTACTCACHE_DAYS * DAY_S &&
		    json_array_size(c->entries) < ENTRIES_MAX)
			(void)json_array_append(c->entries, entry);
	}
}

struct contactcache *
contactcache_open(const char *folder, int64_t now)
{
	struct contactcache *c = folder != NULL ? calloc(1, sizeof(*c)) : NULL;
	char why[WHY_MAX], *text;
	struct strbuf sb;
	json_t *all;

	if (c == NULL)
		return NULL;
	strbuf_init(&sb, c->path, sizeof(c->path));
	strbuf_addf(&sb, "%s/contacts.json", folder);
	c->entries = json_array();
	if (access(c->path, F_OK) != 0 && errno == ENOENT)
		return c;
	text = textfile_read(c->path, TEXTFILE_PLAIN, why, sizeof(why));
	all = text != NULL ? json_loads(text, 0, NULL) : NULL;
	free(text);
	if (json_is_array(all)) {
		take(c, all, now);
		json_decref(all);
		return c;
	}
	fprintf(stderr, "relayguardctl: %s: %s\n", c->path,
	    text != NULL ? "is no list of contacts" : why);
	json_decref(all);
	json_decref(c->entries);
	free(c);
	return NULL;
}

static bool
is_about(const char *scope, const struct ipaddr *address, const char *domain)
{
	struct network net;
	char why[WHY_MAX];

	if (domain != NULL)
		return strcmp(scope, domain) == 0;
	return prefix_parse(&net, scope, why, sizeof(why)) &&
	    ipaddr_within(address, &net.addr, net.len);
}

static void
add_entry(const json_t *entry, enum contact_source source, struct contactlist *list)
{
	struct contact about = {.source = source, .time = time_of(entry)};
	size_t i;
	json_t *item;

	(void)strbuf_copy(about.scope, sizeof(about.scope), text_of(entry, "scope"));
	json_array_foreach(json_object_get(entry, "contacts"), i, item)
	{
		const char *address = text_of(item, "address");

		about.pref = (unsigned)json_integer_value(json_object_get(item, "pref"));
		(void)contactlist_add(list, address, strlen(address), &about);
	}
}

bool
contactcache_find(struct contactcache *c, enum contact_source source,
    const struct ipaddr *address, const char *domain, struct contactlist *list)
{
	size_t i;
	json_t *entry;

	if (c == NULL)
		return false;
	json_array_foreach(c->entries, i, entry)
	{
		if (contact_source_parse(text_of(entry, "source")) != source ||
		    !is_about(text_of(entry, "scope"), address, domain))
			continue;
		add_entry(entry, source, list);
		return true;
	}
	return false;
}

void
contactcache_put(struct contactcache *c, enum contact_source source, const char *scope,
    const struct contactlist *list, int64_t now)
{
	json_t *contacts;

	if (c == NULL)
		return;
	contacts = json_array();
	for (size_t i = 0; i < list->n; i++) {
		const struct contact *one = &list->contact[i];

		if (one->source == source && strcmp(one->scope, scope) == 0)
			(void)json_array_append_new(contacts,
			    json_pack("{s:s, s:I}", "address", one->address, "pref",
				(json_int_t)one->pref));
	}
	(void)json_array_insert_new(c->entries, 0,
	    json_pack("{s:s, s:s, s:I, s:o}", "source", contact_source_name(source), "scope",
		scope, "time", (json_int_t)now, "contacts", contacts));
	c->changed = true;
}

void
contactcache_close(struct contactcache *c)
{
	struct newfile file;

	if (c == NULL)
		return;
	if (c->changed && newfile_begin(&file, c->path) == 0) {
		bool good = json_dumpf(c->entries, file.out, JSON_INDENT(1)) == 0;

		fputc('\n', file.out);
		(void)newfile_end(&file, good);
	}
	json_decref(c->entries);
	free(c);
}
