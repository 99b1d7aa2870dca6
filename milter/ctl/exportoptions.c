/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/exportoptions.c - each word is looked at before anybody is asked. */
#include "config.h"

#include "ctl/exportoptions.h"

#include <limits.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "base/template.h"
#include "conf/conf.h"
#include "ctl/words.h"

#define VERB "export"
#define WHY_MAX 300
#define NAME_DEFAULT "relayguard"
#define LIFE_S 10800 /* of a file, unless it is renewed */
#define LIFE_MAX_S 604800
#define AGE_S 3600 /* what is listed for less may still be taken back */
#define AGE_MAX_S 604800

/* --- Words --- */

/* False: it is no flag. */
static bool
take_flag(struct export_options *o, const char *word)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
	    {"-w", &o->write},
	    {"--diff", &o->diff},
	    {"--force", &o->force},
	    {"--wide", &o->wide},
	    {"--deny", &o->deny},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(word, flags[i].name) == 0)
			return *flags[i].flag = true;
	return false;
}

static bool
take_option(struct export_options *o, char *const **word)
{
	const struct words_option options[] = {
	    {"check", &o->check},
	    {"max", &o->max},
	    {"for", &o->life},
	    {"age", &o->age},
	    {"reasons", &o->reasons},
	    {"from", &o->from},
	    {"keep", &o->keep},
	    {"name", &o->name},
	    {"contact", &o->contact},
	    {"url", &o->url},
	    {"ns", &o->ns},
	    {"to", &o->to},
	    {"store", &o->place.folder},
	    {"conf", &o->place.conf},
	    {"lists", &o->place.registry},
	    {NULL, NULL},
	};
	const struct words_option *option = options;

	if (strcmp(**word, "-o") == 0) {
		o->out = *++*word;
		return o->out != NULL || words_wrong(VERB, "-o", WORDS_NO_VALUE);
	}
	while (option->name != NULL && !words_is(**word, option->name))
		option++;
	if (option->name == NULL)
		return words_wrong(VERB, **word, WORDS_NO_OPTION);
	*option->value = words_value(word);
	return *option->value != NULL || words_wrong(VERB, option->name, WORDS_NO_VALUE);
}

static bool
find_format(struct export_options *o, const char *name)
{
	o->format = exportformat_find(name);
	if (o->format != NULL)
		return true;
	fprintf(stderr, "relayguardctl: export: %s: no such format; there are", name);
	for (size_t i = 0; exportformat_at(i) != NULL; i++)
		fprintf(stderr, " %s", exportformat_at(i)->name);
	fputc('\n', stderr);
	return false;
}

bool
exportoptions_take(struct export_options *o, char *const *word)
{
	for (; *word != NULL && (o->format == NULL || words_is_option(*word)); word++) {
		bool good = take_flag(o, *word) ||
		    (words_is_option(*word) ? take_option(o, &word) : find_format(o, *word));

		if (!good)
			return false;
	}
	o->logs = word;
	if (o->format == NULL) {
		(void)words_wrong(VERB, NULL, WORDS_TOO_FEW);
		return false;
	}
	if (o->out == NULL && (o->write || o->diff || o->force))
		return words_wrong(VERB, NULL, "-w, --diff and --force need -o FILE");
	return true;
}

/* --- What they come to --- */

static bool
read_time(const char *option, const char *text, int64_t max_s, int64_t *seconds)
{
	char why[WHY_MAX];
	int64_t ms;

	if (text == NULL)
		return true;
	if (!setting_duration(text, 0, max_s * 1000, &ms, why, sizeof(why)))
		return words_wrong(VERB, option, why);
	*seconds = ms / 1000;
	return true;
}

static bool
read_reasons(const char *text, unsigned *reasons)
{
	char copy[200], *rest = copy;

	if (text == NULL)
		return true;
	*reasons = 0;
	if (!strbuf_copy(copy, sizeof(copy), text))
		return words_wrong(VERB, "--reasons", "is too long");
	for (char *name; (name = strsep(&rest, ",")) != NULL;) {
		unsigned r = export_reason_parse(name);

		if (r == EXPORT_REASONS)
			return words_wrong(VERB, name, "is no reason to be listed");
		*reasons |= 1U << r;
	}
	return true;
}

/* The fully qualified name of this machine, or "". */
static void
find_host(char *out, size_t size)
{
	const struct addrinfo hints = {.ai_flags = AI_CANONNAME, .ai_family = AF_UNSPEC};
	struct addrinfo *found = NULL;
	char name[HOST_NAME_MAX + 1] = "";

	out[0] = '\0';
	if (gethostname(name, sizeof(name) - 1) != 0)
		return;
	if (strchr(name, '.') != NULL)
		(void)strbuf_copy(out, size, name);
	else if (getaddrinfo(name, NULL, &hints, &found) == 0 && found->ai_canonname != NULL &&
	    strchr(found->ai_canonname, '.') != NULL)
		(void)strbuf_copy(out, size, found->ai_canonname);
	if (found != NULL)
		freeaddrinfo(found);
}

static bool
read_servers(struct export_settings *x)
{
	char *rest = x->names, why[WHY_MAX];
	unsigned n = 0;

	if (x->o->ns == NULL) {
		x->doc.server[0] = x->host[0] != '\0' ? x->host : NULL;
		return true;
	}
	if (!strbuf_copy(x->names, sizeof(x->names), x->o->ns))
		return words_wrong(VERB, "--ns", "is too long");
	for (char *name; (name = strsep(&rest, ",")) != NULL;) {
		if (n == EXPORT_SERVERS_MAX - 1)
			return words_wrong(VERB, "--ns", "has too many names");
		if (!setting_domain(name, SETTING_DOMAIN_MAX, why, sizeof(why)))
			return words_wrong(VERB, "--ns", why);
		x->doc.server[n++] = name;
	}
	return true;
}

/* A network of each family, of our own servers. */
static bool
read_destinations(struct export_settings *x)
{
	char copy[200], why[WHY_MAX], *rest = copy;

	if (x->o->to == NULL)
		return true;
	if (!x->o->format->routed)
		return words_wrong(VERB, "--to", "is for formats of routers' filters");
	if (!strbuf_copy(copy, sizeof(copy), x->o->to))
		return words_wrong(VERB, "--to", "is too long");
	for (char *text; (text = strsep(&rest, ",")) != NULL;) {
		struct network net, *to;

		if (!prefix_parse(&net, text, why, sizeof(why)))
			return words_wrong(VERB, "--to", why);
		to = &x->doc.to[net.addr.bits == 128];
		if (to->addr.bits != 0)
			return words_wrong(VERB, "--to", "has two networks of one family");
		*to = net;
	}
	return true;
}

static bool
read_contact(struct export_settings *x, const struct conf *conf)
{
	struct strbuf sb;
	char why[WHY_MAX];

	x->doc.contact = x->o->contact != NULL ? x->o->contact : conf->own.contact;
	if (x->doc.contact == NULL) {
		strbuf_init(&sb, x->contact, sizeof(x->contact));
		strbuf_addf(&sb, "postmaster@%s", x->host[0] != '\0' ? x->host : "localhost");
		x->doc.contact = x->contact;
	}
	return export_contact_check(x->doc.contact, why, sizeof(why)) ||
	    words_wrong(VERB, "--contact", why);
}

static bool
read_url(struct export_settings *x, const struct conf *conf)
{
	char why[WHY_MAX];

	x->doc.url = x->o->url != NULL ? x->o->url : conf->own.removal;
	if (x->doc.url == NULL)
		return true;
	/* Its blanks have braces, which no text else may have. */
	if (strlen(x->doc.url) > EXPORT_URL_MAX)
		return words_wrong(VERB, "--url", "is longer than a text of a list may be");
	if (strpbrk(x->doc.url, " \"'\\;") != NULL)
		return words_wrong(VERB, "--url", "has a blank, quote, backslash or semicolon");
	return template_check(x->doc.url, false, why, sizeof(why)) ||
	    words_wrong(VERB, "--url", why);
}

bool
exportoptions_read(
    struct export_settings *x, const struct export_options *o, const struct conf *conf)
{
	char why[WHY_MAX];
	int64_t max = (int64_t)o->format->max;

	x->o = o;
	x->life = LIFE_S;
	x->age = AGE_S;
	x->reasons = o->format->graded ? EXPORT_ALL : EXPORT_STRONG;
	x->doc.limits.len4 = o->wide ? 24 : 32;
	x->doc.limits.len6 = o->wide ? 48 : 64;
	x->doc.name = o->name != NULL ? o->name : NAME_DEFAULT;
	find_host(x->host, sizeof(x->host));
	if (o->max != NULL && !words_number(VERB, "--max", o->max, EXPORTLIST_MAX, &max))
		return false;
	x->doc.limits.max = (size_t)max;
	if (!export_name_check(x->doc.name, why, sizeof(why)))
		return words_wrong(VERB, "--name", why);
	if (!read_time("--for", o->life, LIFE_MAX_S, &x->life) ||
	    !read_time("--age", o->age, AGE_MAX_S, &x->age) ||
	    !read_reasons(o->reasons, &x->reasons))
		return false;
	if (x->life < 60)
		return words_wrong(VERB, "--for", "must be a minute or more");
	return read_servers(x) && read_destinations(x) && read_contact(x, conf) &&
	    read_url(x, conf);
}
