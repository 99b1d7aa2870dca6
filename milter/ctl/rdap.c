/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/rdap.c - JSON of others: each value is looked at for its type, and depth has an end. */
#include "config.h"

#include "ctl/rdap.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/prefix.h"
#include "base/strbuf.h"

#define DEPTH_MAX 4
#define WHY_MAX 128

/* --- Where to ask --- */

/* The longest of some networks that holds an address; -1: none does. */
static int
longest(const json_t *networks, const struct ipaddr *address)
{
	int best = -1;
	size_t i;
	json_t *item;

	json_array_foreach(networks, i, item)
	{
		struct network net;
		char why[WHY_MAX];

		if (json_is_string(item) &&
		    prefix_parse(&net, json_string_value(item), why, sizeof(why)) &&
		    ipaddr_within(address, &net.addr, net.len) && (int)net.len > best)
			best = (int)net.len;
	}
	return best;
}

/* The first URL that begins so; NULL: none does. */
static const char *
find_url(const json_t *urls, const char *scheme)
{
	size_t i;
	json_t *item;

	json_array_foreach(urls, i, item)
	{
		const char *url = json_string_value(item);

		if (url != NULL && strncasecmp(url, scheme, strlen(scheme)) == 0)
			return url;
	}
	return NULL;
}

static const char *
choose_url(const json_t *urls)
{
	const char *safe = find_url(urls, "https://");

	return safe != NULL ? safe : find_url(urls, "http://");
}

static bool
write_url(const char *base, const struct ipaddr *address, char out[RDAP_URL_SIZE])
{
	char text[IPADDR_STRLEN];
	struct strbuf sb;

	for (const char *at = base; *at != '\0'; at++)
		if (*at <= ' ' || *at > '~')
			return false;
	strbuf_init(&sb, out, RDAP_URL_SIZE);
	strbuf_addf(&sb, "%s%sip/%s", base, base[strlen(base) - 1] == '/' ? "" : "/",
	    ipaddr_format(address, text));
	return !sb.cut;
}

bool
rdap_url(const char *bootstrap, const struct ipaddr *address, char out[RDAP_URL_SIZE])
{
	json_t *file = json_loads(bootstrap, 0, NULL), *service;
	const char *base = NULL;
	int best = -1;
	bool good;
	size_t i;

	json_array_foreach(json_object_get(file, "services"), i, service)
	{
		int len = longest(json_array_get(service, 0), address);
		const char *url = choose_url(json_array_get(service, 1));

		if (len > best && url != NULL) {
			best = len;
			base = url;
		}
	}
	good = base != NULL && write_url(base, address, out);
	json_decref(file);
	return good;
}

/* --- What it says --- */

struct reading {
	struct contactlist *list;
	struct contact about;
	bool entity;
};

/* "1", as RFC 7095 has it; or a number, as some write. */
static unsigned
read_pref(const json_t *parameters)
{
	const json_t *pref = json_object_get(parameters, "pref");
	long value = json_is_string(pref) ? strtol(json_string_value(pref), NULL, 10)
					  : (long)json_integer_value(pref);

	return value >= 1 && value < CONTACTLIST_NO_PREF ? (unsigned)value
							 : CONTACTLIST_NO_PREF;
}

/* ["vcard", [["email", {"pref": "1"}, "text", "abuse@isp.example"], ...]] */
static void
read_card(struct reading *r, const json_t *card)
{
	size_t i;
	json_t *item;

	json_array_foreach(json_array_get(card, 1), i, item)
	{
		const char *name = json_string_value(json_array_get(item, 0)),
			   *value = json_string_value(json_array_get(item, 3));

		if (name == NULL || value == NULL || strcasecmp(name, "email") != 0)
			continue;
		r->about.pref = read_pref(json_array_get(item, 1));
		(void)contactlist_add(r->list, value, strlen(value), &r->about);
	}
}

static bool
is_for_abuse(const json_t *roles)
{
	size_t i;
	json_t *item;

	json_array_foreach(roles, i, item)
	{
		if (json_is_string(item) && strcasecmp(json_string_value(item), "abuse") == 0)
			return true;
	}
	return false;
}

static void
read_entities(struct reading *r, const json_t *entities, int depth)
{
	size_t i;
	json_t *entity;

	if (depth == DEPTH_MAX)
		return;
	json_array_foreach(entities, i, entity)
	{
		if (is_for_abuse(json_object_get(entity, "roles"))) {
			r->entity = true;
			read_card(r, json_object_get(entity, "vcardArray"));
		}
		read_entities(r, json_object_get(entity, "entities"), depth + 1);
	}
}

/* The widest network within a range of addresses that holds one of them. */
static void
read_range(const json_t *answer, const struct ipaddr *address, struct network *net)
{
	const char *first = json_string_value(json_object_get(answer, "startAddress")),
		   *last = json_string_value(json_object_get(answer, "endAddress"));
	struct ipaddr start, end;

	*net = (struct network){*address, address->bits};
	if (first == NULL || last == NULL || !ipaddr_parse(&start, first) ||
	    !ipaddr_parse(&end, last) || start.bits != address->bits ||
	    end.bits != address->bits)
		return;
	for (unsigned len = 1; len < address->bits; len++) {
		struct ipaddr low = *address, high;

		ipaddr_mask(&low, len);
		high = low;
		for (unsigned bit = len; bit < address->bits; bit++)
			high.byte[bit / 8] |= (unsigned char)(0x80U >> bit % 8);
		if (ipaddr_compare(&low, &start) < 0 || ipaddr_compare(&high, &end) > 0)
			continue;
		*net = (struct network){low, len};
		return;
	}
}

enum rdap_result
rdap_read(const char *text, const struct ipaddr *address, int64_t time,
    struct contactlist *list, struct network *net)
{
	json_t *answer = json_loads(text, 0, NULL);
	struct reading r = {.list = list, .about = {.source = CONTACT_RDAP, .time = time}};
	const size_t before = list->n;
	char scope[IPADDR_STRLEN];

	*net = (struct network){*address, address->bits};
	if (!json_is_object(answer)) {
		json_decref(answer);
		return RDAP_NO_JSON;
	}
	read_range(answer, address, net);
	(void)snprintf(r.about.scope, sizeof(r.about.scope), "%s/%u",
	    ipaddr_format(&net->addr, scope), net->len);
	read_entities(&r, json_object_get(answer, "entities"), 0);
	json_decref(answer);
	if (!r.entity)
		return RDAP_NO_ENTITY;
	return list->n > before ? RDAP_READ : RDAP_NO_ADDRESS;
}
