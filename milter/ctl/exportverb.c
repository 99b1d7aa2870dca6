/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/exportverb.c - the guards stand one after the other: sources, what must not be shut out,
 * width, count, change; then the file, which is read back before it takes its place.  Where any
 * of them speaks nothing is written, and what was there stays.
 */
#include "config.h"

#include "ctl/exportverb.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/setting.h"
#include "base/template.h"
#include "conf/conf.h"
#include "ctl/exportgood.h"
#include "ctl/exportkeep.h"
#include "ctl/exportsource.h"
#include "ctl/fileerror.h"
#include "ctl/jsonline.h"
#include "ctl/newfile.h"
#include "ctl/storelog.h"
#include "ctl/words.h"
#include "own/exportformat.h"

#define VERB "export"
#define REFUSED 1 /* a guard has spoken */
#define WHY_MAX 300
#define NAME_DEFAULT "relayguard"
#define LIFE_S 10800 /* of a file, unless it is renewed */
#define LIFE_MAX_S 604800
#define AGE_S 3600 /* what is listed for less may still be taken back */
#define AGE_MAX_S 604800

struct options {
	bool json, write, diff, force, wide, deny;
	const struct export_format *format;
	const char *out, *check; /* files */
	char *const *logs;       /* of mail; a NULL ends them */
	const char *max, *life, *age, *reasons, *from, *keep, *name, *contact, *url, *ns, *to;
	struct storelog_place place;
};

/* What these come to, and what is made of them. */
struct export
{
	const struct options *o;
	struct export_document doc;
	struct export_list list;
	int64_t life, age;
	unsigned reasons; /* bits */
	size_t kept;      /* entries of which something was cut out */
	size_t young;     /* that are not listed for long enough */
	bool replaces;    /* there was a file, and it was read */
	struct export_reading before;
	struct export_change change;
	char host[SETTING_DOMAIN_MAX + 1], contact[EXPORT_CONTACT_MAX + 1];
	char names[EXPORT_SERVERS_MAX * (SETTING_DOMAIN_MAX + 1)];
};

/* --- Words --- */

/* False: it is no flag. */
static bool
take_flag(struct options *o, const char *word)
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
take_option(struct options *o, char *const **word)
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
find_format(struct options *o, const char *name)
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

/* A format, options on either side of it, and files. */
static bool
take_options(struct options *o, char *const *word)
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
read_servers(struct export *x)
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
read_destinations(struct export *x)
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
read_contact(struct export *x, const struct conf *conf)
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
read_url(struct export *x, const struct conf *conf)
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

/* What the words come to.  False: one is wrong, which is said. */
static bool
read_options(struct export *x, const struct conf *conf)
{
	const struct options *o = x->o;
	char why[WHY_MAX];
	int64_t max = (int64_t)o->format->max;

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

/* --- What is exported --- */

static int
refuse(const char *why)
{
	fprintf(stderr, "relayguardctl: export: %s; nothing is written\n", why);
	return REFUSED;
}

static bool
take_denied(void *arg, const struct network *net, const char *reason)
{
	const struct export_entry e = {.net = *net, .reasons = 1U << EXPORT_DENIED};

	(void)reason;
	exportlist_add(arg, &e);
	return true;
}

static int
collect(struct export *x, const struct conf *conf)
{
	int status = EX_OK;

	if (x->o->from != NULL)
		status = exportsource_file(&x->list, x->o->from);
	else if (!x->o->deny || x->reasons != 1U << EXPORT_DENIED)
		status = exportsource_daemon(&x->list);
	if (status == EX_OK && x->o->deny)
		(void)localset_each_inline(&conf->deny, take_denied, &x->list);
	return status;
}

/* Leave what is due: listed long enough, not over, for these reasons, of that family. */
static void
choose(struct export *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->list.n; i++) {
		struct export_entry e = x->list.entry[i];
		bool denied = (e.reasons & 1U << EXPORT_DENIED) != 0;

		e.reasons &= x->reasons;
		if (e.reasons == 0 || (e.until != 0 && e.until <= x->doc.now) ||
		    (x->o->format->bits != 0 && x->o->format->bits != e.net.addr.bits))
			continue;
		if (denied || e.since <= x->doc.now - x->age)
			x->list.entry[n++] = e;
		else
			x->young++;
	}
	x->list.n = n;
	if (x->young > 0)
		fprintf(stderr,
		    "relayguardctl: export: %zu more are listed for less than %" PRId64
		    " s, and are left out (--age)\n",
		    x->young, x->age);
}

/* The store is looked into where there is one. */
static int
keep_good(const struct export *x, struct prefix_set *set, const struct conf *conf)
{
	const char *folder = x->o->place.folder != NULL ? x->o->place.folder : conf->store.path;
	int status = EX_OK;

	if (x->list.n == 0)
		return EX_OK;
	if (folder != NULL)
		status = exportgood_store(set, &x->list, folder);
	if (status == EX_NOINPUT && x->o->place.folder == NULL)
		status = EX_OK; /* nothing has been stored yet */
	if (status == EX_OK && *x->o->logs != NULL)
		status = exportgood_logs(set, &x->list, x->o->logs);
	return status;
}

static int
subtract(struct export *x, const struct conf *conf)
{
	struct prefix_set *keep = prefix_new();
	int status = EX_OK;

	if (keep == NULL || !exportkeep_machine(keep, conf))
		status = fileerror_open(NULL);
	if (status == EX_OK && x->o->keep != NULL)
		status = exportkeep_file(keep, x->o->keep);
	if (status == EX_OK)
		status = keep_good(x, keep, conf);
	if (status == EX_OK && !prefix_seal(keep))
		status = fileerror_open(NULL);
	if (status == EX_OK)
		x->kept = exportlist_subtract(&x->list, keep);
	prefix_free(keep);
	return status;
}

/* What stands there now; none is no mistake. */
static int
read_before(struct export *x)
{
	char why[WHY_MAX], sentence[WHY_MAX + PATH_MAX];
	FILE *in = fopen(x->o->out, "re");
	struct strbuf sb;
	bool good;

	if (in == NULL)
		return errno == ENOENT ? EX_OK : fileerror_open(x->o->out);
	good = exportformat_read(in, x->o->format, &x->before, why, sizeof(why));
	(void)fclose(in);
	x->replaces = good;
	if (good || x->o->force)
		return EX_OK;
	strbuf_init(&sb, sentence, sizeof(sentence));
	strbuf_addf(&sb, "%s: %s (--force, once, if it is to be replaced)", x->o->out, why);
	return refuse(sentence);
}

/* A network of a change, on standard output. */
static void
tell(void *arg, char sign, const struct export_entry *e)
{
	const struct export *x = arg;
	char network[EXPORT_NETWORK_SIZE], reasons[200];
	struct strbuf sb;

	strbuf_init(&sb, reasons, sizeof(reasons));
	export_add_reasons(&sb, e, EXPORT_ALL);
	(void)export_network_text(&e->net, network);
	if (!x->o->json)
		printf("%c %s%s%s\n", sign, network, sb.len > 0 ? " " : "", reasons);
	else
		(void)jsonline_data(stdout, VERB,
		    json_pack("{s:s, s:s, s:s}", "kind", sign == '+' ? "added" : "gone",
			"network", network, "reasons", reasons));
}

/*
 * Whether it is right that nobody is left: each of those that were there is one whose end the
 * daemon knows.  Only of a small list, where the guard of the change allows it.
 */
static bool
guard_emptied(const struct export *x, char *why)
{
	char network[EXPORT_NETWORK_SIZE];

	if (x->list.n > 0)
		return true;
	for (size_t i = 0; i < x->before.list.n; i++) {
		const struct network *net = &x->before.list.entry[i].net;

		if (x->o->from != NULL || !exportsource_remembers(net))
			return strbuf_fail(why, WHY_MAX,
			    "nobody would be left of %zu networks, and nothing is known of how "
			    "%s came to its end (--force, once, if that is right)",
			    x->before.list.n, export_network_text(net, network));
	}
	return true;
}

static int
guard(struct export *x)
{
	char why[WHY_MAX];
	int status;

	if (!exportlist_guard_width(&x->list, &x->doc.limits, why, sizeof(why)) ||
	    !exportlist_guard_count(&x->list, &x->doc.limits, why, sizeof(why)))
		return refuse(why);
	if (x->o->format->served && x->doc.server[0] == NULL)
		return refuse("the name of this machine has no domain: a zone needs --ns NAME");
	if (x->o->out == NULL)
		return EX_OK;
	if ((status = read_before(x)) != EX_OK)
		return status;
	x->change = exportlist_compare(
	    &x->before.list, &x->list, x->o->diff || !x->o->write ? tell : NULL, x);
	if (x->replaces && !x->o->force &&
	    (!exportlist_guard_change(&x->change, why, sizeof(why)) || !guard_emptied(x, why)))
		return refuse(why);
	return EX_OK;
}

/* --- Out --- */

/* Whether what was written is what was meant. */
static bool
read_back(const struct export *x, FILE *file, char *why)
{
	struct export_reading got;
	struct export_change change;
	bool good;

	rewind(file);
	good = exportformat_read(file, x->o->format, &got, why, WHY_MAX);
	change = exportlist_compare(&x->list, &got.list, NULL, NULL);
	if (good && (change.added > 0 || change.gone > 0 || got.serial != x->doc.serial))
		good = strbuf_fail(why, WHY_MAX, "what was written is not what was read back");
	exportlist_clear(&got.list);
	return good;
}

static int
write_file(const struct export *x)
{
	struct newfile file;
	int status = newfile_begin(&file, x->o->out);
	char why[WHY_MAX];
	bool good;

	if (status != EX_OK)
		return status;
	exportformat_write(file.out, x->o->format, &x->doc);
	good = fflush(file.out) == 0 && read_back(x, file.out, why);
	if (good || ferror(file.out))
		return newfile_end(&file, true);
	(void)newfile_end(&file, false);
	return refuse(why);
}

/* What comes of it, in a line. */
static int
sum_up(const struct export *x, int status)
{
	if (x->o->json) {
		bool good = jsonline_data(stdout, VERB,
		    json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "kind",
			"total", "format", x->o->format->name, "file", x->o->out, "written",
			x->o->write, "networks", (json_int_t)x->list.n, "before",
			(json_int_t)x->change.before, "added", (json_int_t)x->change.added,
			"gone", (json_int_t)x->change.gone, "kept", (json_int_t)x->kept,
			"young", (json_int_t)x->young, "serial", (json_int_t)x->doc.serial));

		return jsonline_end(stdout, status) && good ? status : EX_OSERR;
	}
	printf(
	    "%s: %zu networks; %zu come, %zu go, %zu may never be shut out, and are not in it%s\n",
	    x->o->out, x->list.n, x->change.added, x->change.gone, x->kept,
	    x->o->write ? "" : "; not written (-w)");
	return status;
}

static int
give(struct export *x)
{
	int status = EX_OK;

	x->doc.list = &x->list;
	x->doc.until = x->doc.now + x->life;
	x->doc.serial = (uint32_t)x->doc.now;
	if (x->before.serial >= x->doc.serial)
		x->doc.serial = x->before.serial + 1;
	if (x->o->out == NULL) {
		exportformat_write(stdout, x->o->format, &x->doc);
		return EX_OK;
	}
	if (x->o->write)
		status = write_file(x);
	return status == EX_OK ? sum_up(x, status) : status;
}

static int export(const struct options *o, const struct conf *conf)
{
	struct export x = {.o = o, .doc = {.now = clock_wall()}};
	int status = EX_USAGE;

	if (read_options(&x, conf) && (status = collect(&x, conf)) == EX_OK) {
		choose(&x);
		exportlist_sort(&x.list);
		status = subtract(&x, conf);
	}
	if (status == EX_OK && (status = guard(&x)) == EX_OK)
		status = give(&x);
	exportlist_clear(&x.before.list);
	exportlist_clear(&x.list);
	return status;
}

/* --- A file that is there --- */

static int
check(const struct options *o)
{
	struct export_reading got;
	FILE *in = fopen(o->check, "re");
	char why[WHY_MAX];
	bool good;

	if (in == NULL)
		return fileerror_open(o->check);
	good = exportformat_read(in, o->format, &got, why, sizeof(why));
	(void)fclose(in);
	if (good && got.not_after < clock_wall())
		good = strbuf_fail(why, sizeof(why), "its time is over: do not use it");
	if (good)
		printf("%s: %zu networks, good for %" PRId64 " s\n", o->check, got.list.n,
		    got.not_after - clock_wall());
	else
		fprintf(stderr, "relayguardctl: %s: %s\n", o->check, why);
	exportlist_clear(&got.list);
	return good ? EX_OK : REFUSED;
}

int
exportverb_run(bool json, char *const *word)
{
	struct options o = {.json = json};
	struct conf *conf;
	int status;

	if (!take_options(&o, word))
		return EX_USAGE;
	if (o.check != NULL)
		return check(&o);
	if ((conf = storelog_conf(&o.place, NULL)) == NULL)
		return EX_CONFIG;
	status = export(&o, conf);
	conf_unref(&conf);
	return status;
}
