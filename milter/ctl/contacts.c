/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/contacts.c - each source is asked once, and says what it says of a network or a domain;
 * that it knows nobody, or cannot be believed, is a note.
 */
#include "config.h"

#include "ctl/contacts.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/domain.h"
#include "base/prefix.h"
#include "base/strbuf.h"
#include "base/textfile.h"
#include "ctl/contactcache.h"
#include "ctl/contactlist.h"
#include "ctl/fileerror.h"
#include "ctl/jsonline.h"
#include "ctl/machinedns.h"
#include "ctl/rdap.h"
#include "ctl/words.h"
#include "own/exportlist.h"

#define VERB "contacts"
#define ABUSIX "abuse-contacts.abusix.zone"
#define ABUSENET "contacts.abuse.net"
#define ALL_MS 60000
#define CURL_S "20"
#define CURL_MS 25000
#define ANSWER_MAX (1 << 20)
#define WHY_MAX 512
#define NOTE_MAX 512
#define NOTES_MAX 16
#define NOBODY 1 /* the status: nobody is known */

struct inquiry {
	bool json;
	const char *rdap, *cache; /* folders, or NULL */
	struct machine m;
	struct ipaddr address;
	char network[IPADDR_STRLEN + 4]; /* that a registry has it in, or the address alone */
	char name[DNSWIRE_NAME_SIZE];
	struct contactlist list;
	struct contactcache *known;
	int64_t now;
	bool silent; /* a source has not answered */
	size_t nnotes;
	char note[NOTES_MAX][NOTE_MAX];
};

static void __attribute__((format(printf, 2, 3))) note(struct inquiry *q, const char *fmt, ...)
{
	va_list ap;

	if (q->nnotes == NOTES_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(q->note[q->nnotes++], NOTE_MAX, fmt, ap);
	va_end(ap);
}

/* --- Registries --- */

/* Have curl(1) get a URL; NULL: there is no answer, which is noted.  The caller frees it. */
static char *
fetch(struct inquiry *q, const char *url)
{
	static const struct command_user self = {NULL, NULL};
	const char *argv[] = {"curl", "-q", "--silent", "--location", "--proto", "=https,http",
	    "--proto-redir", "=https,http", "--max-redirs", "5", "--max-time", CURL_S,
	    "--max-filesize", "1000000", "--header", "Accept: application/rdap+json",
	    "--user-agent", "relayguardctl/" PACKAGE_VERSION " (contacts)", "--write-out",
	    "\n%{http_code} %header{retry-after}", url, NULL};
	char *answer = malloc(ANSWER_MAX), *end, after[32] = "";
	int status, code = 0;

	if (answer == NULL)
		return NULL;
	status = command_run(argv, &self, machine_until(&q->m, CURL_MS), answer, ANSWER_MAX);
	end = strrchr(answer, '\n');
	if (status == 0 && end != NULL) {
		(void)sscanf(end + 1, "%3d %31[0-9]", &code, after);
		*end = '\0';
		if (code == 200)
			return answer;
	}
	free(answer);
	if (code == 404) {
		note(q, "rdap: the registry does not know the address");
		return NULL;
	}
	q->silent = true;
	if (status == COMMAND_MISSING)
		note(q, "rdap: curl(1) is missing");
	else if (code == 429)
		note(q, "rdap: the registry has been asked too often; wait %s%s",
		    after[0] != '\0' ? after : "some minutes", after[0] != '\0' ? " s" : "");
	else
		note(
		    q, "rdap: the registry does not answer (curl: %d, HTTP: %d)", status, code);
	return NULL;
}

/* Where to ask, by IANA's file; false: that cannot be found out, which is noted. */
static bool
find_registry(struct inquiry *q, char url[RDAP_URL_SIZE])
{
	char path[WHY_MAX], why[WHY_MAX], *text;
	bool good;

	(void)snprintf(
	    path, sizeof(path), "%s/ipv%d.json", q->rdap, q->address.bits == 32 ? 4 : 6);
	if ((text = textfile_read(path, TEXTFILE_PLAIN, why, sizeof(why))) == NULL) {
		note(q, "rdap: %s: %s; see relayguardctl(8)", path, why);
		return false;
	}
	good = rdap_url(text, &q->address, url);
	free(text);
	if (!good)
		note(q, "rdap: %s names no registry for the address", path);
	return good;
}

static void
ask_registry(struct inquiry *q)
{
	char url[RDAP_URL_SIZE], text[IPADDR_STRLEN], *answer;
	struct network net;
	enum rdap_result result;

	if (contactcache_find(q->known, CONTACT_RDAP, &q->address, NULL, &q->list))
		return;
	if (q->rdap == NULL || !find_registry(q, url) || (answer = fetch(q, url)) == NULL)
		return;
	result = rdap_read(answer, &q->address, q->now, &q->list, &net);
	free(answer);
	(void)snprintf(
	    q->network, sizeof(q->network), "%s/%u", ipaddr_format(&net.addr, text), net.len);
	switch (result) {
	case RDAP_READ:
		break;
	case RDAP_NO_ENTITY:
		note(q, "rdap: the registry has nobody for abuse");
		break;
	case RDAP_NO_ADDRESS:
		note(q, "rdap: the registry has somebody for abuse, and shows no mail address");
		break;
	case RDAP_NO_JSON:
		q->silent = true;
		note(q, "rdap: what the registry has answered is no JSON");
		return;
	}
	contactcache_put(q->known, CONTACT_RDAP, q->network, &q->list, q->now);
}

/* --- DNS --- */

/* Ask for texts, and add the contacts in them; true: it is known now. */
static bool
ask_texts(struct inquiry *q, enum contact_source source, const char *name, const char *scope)
{
	const struct dns_reply *reply = machinedns_ask(&q->m, DNS_TXT, name);
	struct contact about = {.source = source, .time = q->now, .pref = CONTACTLIST_NO_PREF};

	(void)strbuf_copy(about.scope, sizeof(about.scope), scope);
	if (reply == NULL) {
		q->silent = true;
		note(q, "%s: DNS does not answer", contact_source_name(source));
		return false;
	}
	for (size_t i = 0; reply->records != NULL && i < reply->records->n; i++)
		contactlist_add_text(
		    &q->list, (const char *)reply->records->record[i].data, &about);
	contactcache_put(q->known, source, scope, &q->list, q->now);
	return true;
}

static void
ask_abusix(struct inquiry *q)
{
	char labels[IPADDR_LABELS], name[DNSWIRE_NAME_SIZE];
	unsigned withdrawn = q->list.withdrawn;
	struct strbuf sb;

	if (contactcache_find(q->known, CONTACT_ABUSIX, &q->address, NULL, &q->list))
		return;
	ipaddr_reverse(&q->address, labels);
	strbuf_init(&sb, name, sizeof(name));
	strbuf_addf(&sb, "%s." ABUSIX, labels);
	(void)ask_texts(q, CONTACT_ABUSIX, name, q->network);
	if (q->list.withdrawn > withdrawn)
		note(q,
		    "abusix: an address of LACNIC itself, which stands for withdrawn "
		    "contacts, is left out: nobody reads it");
}

/* --- The domain of the name --- */

/* abuse.net answers for who has not registered, too: with postmaster@. */
static void
call_guesses(struct inquiry *q, const char *domain)
{
	char postmaster[DNSWIRE_NAME_SIZE + sizeof("postmaster@")];

	(void)snprintf(postmaster, sizeof(postmaster), "postmaster@%s", domain);
	for (size_t i = 0; i < q->list.n; i++)
		if (q->list.contact[i].source == CONTACT_ABUSENET &&
		    strcmp(q->list.contact[i].address, postmaster) == 0)
			q->list.contact[i].source = CONTACT_GUESS;
}

/* Whether a domain takes mail: not with a null MX (RFC 7505). */
static bool
takes_mail(struct inquiry *q, const char *domain)
{
	const struct dns_reply *reply = machinedns_ask(&q->m, DNS_MX, domain);
	bool known;

	if (reply == NULL)
		return false;
	if (reply->records == NULL || reply->records->n == 0)
		return machinedns_leads_to(&q->m, domain, NULL, &known);
	return reply->records->record[0].len > 0;
}

static void
guess(struct inquiry *q, const char *domain)
{
	struct contact about = {.source = CONTACT_GUESS, .time = q->now};
	char address[DNSWIRE_NAME_SIZE + sizeof("abuse@")];

	if (!takes_mail(q, domain)) {
		note(q, "guess: %s takes no mail", domain);
		return;
	}
	(void)strbuf_copy(about.scope, sizeof(about.scope), domain);
	(void)snprintf(address, sizeof(address), "abuse@%s", domain);
	(void)contactlist_add(&q->list, address, strlen(address), &about);
}

static void
ask_about_domain(struct inquiry *q)
{
	enum machinedns_name found = machinedns_name(&q->m, &q->address, q->name);
	char normal[DOMAIN_NAME_SIZE], name[DNSWIRE_NAME_SIZE + sizeof(ABUSENET)];
	const char *domain;

	if (found != MACHINEDNS_CONFIRMED || !domain_normalise(q->name, normal)) {
		note(q, "name: %s",
		    found == MACHINEDNS_NONE          ? "it has none"
			: found == MACHINEDNS_UNKNOWN ? "DNS does not answer"
						      : "it does not lead back");
		q->silent |= found == MACHINEDNS_UNKNOWN;
		return;
	}
	if ((domain = domain_registered(normal)) == NULL)
		return;
	if (!contactcache_find(q->known, CONTACT_ABUSENET, NULL, domain, &q->list)) {
		(void)snprintf(name, sizeof(name), "%s." ABUSENET, domain);
		(void)ask_texts(q, CONTACT_ABUSENET, name, domain);
	}
	call_guesses(q, domain);
	guess(q, domain);
}

/* --- What is shown --- */

static const char *
age_text(int64_t seconds, char out[32])
{
	if (seconds < 60)
		return "now";
	(void)snprintf(out, 32, "%" PRId64 " %s",
	    seconds < 86400 ? seconds / 3600 : seconds / 86400, seconds < 86400 ? "h" : "d");
	return out;
}

static void
show_text(const struct inquiry *q)
{
	char age[32];

	if (q->list.n > 0)
		printf("%-40s %-9s %-28s %s\n", "contact", "source", "of", "age");
	for (size_t i = 0; i < q->list.n; i++) {
		const struct contact *c = &q->list.contact[i];

		printf("%-40s %-9s %-28s %s\n", c->address, contact_source_name(c->source),
		    c->scope, age_text(q->now - c->time, age));
	}
	for (size_t i = 0; i < q->nnotes; i++)
		printf("%s\n", q->note[i]);
}

static bool
show_json(const struct inquiry *q, int status)
{
	bool good = true;

	for (size_t i = 0; i < q->list.n; i++) {
		const struct contact *c = &q->list.contact[i];

		good &= jsonline_data(stdout, VERB,
		    json_pack("{s:s, s:s, s:s, s:s, s:I}", "kind", "contact", "address",
			c->address, "source", contact_source_name(c->source), "of", c->scope,
			"age_seconds", (json_int_t)(q->now - c->time)));
	}
	for (size_t i = 0; i < q->nnotes; i++)
		good &= jsonline_data(
		    stdout, VERB, json_pack("{s:s, s:s}", "kind", "note", "text", q->note[i]));
	return jsonline_end(stdout, status) && good;
}

static int
show(struct inquiry *q)
{
	int status = q->list.n > 0 ? EX_OK : q->silent ? EX_TEMPFAIL : NOBODY;

	contactlist_sort(&q->list);
	if (q->list.unusable > 0)
		note(q, "%u entries are left out, which are no mail addresses",
		    q->list.unusable);
	if (q->list.n == 0)
		note(q, "nobody is known to write to");
	if (!q->json)
		show_text(q);
	else if (!show_json(q, status))
		status = EX_OSERR;
	return status;
}

/* --- All of it --- */

/* Whether nobody on the Internet has that address; false, too: memory is out. */
static bool
is_special(const struct ipaddr *address)
{
	struct prefix_set *set = prefix_new();
	struct prefix_match match;
	bool special = set != NULL && exportlist_special(set) && prefix_seal(set) &&
	    prefix_find(set, address, &match);

	prefix_free(set);
	return special;
}

static void
ask_all(struct inquiry *q)
{
	char text[IPADDR_STRLEN];

	(void)snprintf(q->network, sizeof(q->network), "%s/%u",
	    ipaddr_format(&q->address, text), q->address.bits);
	if (is_special(&q->address)) {
		note(q,
		    "%s: a private or special-use address: nobody on the Internet has it, "
		    "and nobody was asked",
		    text);
		return;
	}
	q->known = contactcache_open(q->cache, q->now);
	machine_load(&q->m);
	q->m.deadline = clock_ms() + ALL_MS;
	if (q->m.nresolvers == 0)
		note(q, "dns: no resolver is known: see relayguardctl doctor --only resolver");
	ask_registry(q);
	ask_abusix(q);
	ask_about_domain(q);
	machine_free(&q->m);
	contactcache_close(q->known);
}

static bool
take_words(struct inquiry *q, char *const *word)
{
	const struct words_option options[] = {
	    {"cache", &q->cache},
	    {"conf", &q->m.conf_path},
	    {"lists", &q->m.registry},
	    {"rdap", &q->rdap},
	    {NULL, NULL},
	};

	if (!words_take(VERB, &word, options))
		return false;
	if (*word == NULL)
		return words_wrong(VERB, NULL, WORDS_TOO_FEW);
	if (!ipaddr_parse(&q->address, *word))
		return words_wrong(VERB, *word, "is no address");
	word++;
	if (!words_take(VERB, &word, options))
		return false;
	return *word == NULL || words_wrong(VERB, *word, WORDS_TOO_MANY);
}

int
contacts_run(bool json, char *const *word)
{
	struct inquiry *q = calloc(1, sizeof(*q));
	int status;

	if (q == NULL)
		return fileerror_open(NULL);
	q->json = json;
	q->now = clock_wall();
	q->m = (struct machine){
	    .conf_path = SYSCONFDIR "/relayguard.conf",
	    .registry = PKGDATADIR "/lists.conf",
	};
	progress_begin(&q->m.progress);
	if (!take_words(q, word)) {
		status = EX_USAGE;
	} else {
		ask_all(q);
		status = show(q);
	}
	free(q);
	return status;
}
