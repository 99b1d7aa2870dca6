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
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "ctl/exportgood.h"
#include "ctl/exportkeep.h"
#include "ctl/exportoptions.h"
#include "ctl/exportsource.h"
#include "ctl/fileerror.h"
#include "ctl/jsonline.h"
#include "ctl/newfile.h"

#define VERB "export"
#define REFUSED 1 /* a guard has spoken */
#define WHY_MAX 300

/* What the words come to, and what is made of them. */
struct export
{
	struct export_settings set;
	struct export_list list;
	size_t kept;   /* entries of which something was cut out */
	size_t young;  /* that are not listed for long enough */
	bool replaces; /* there was a file, and it was read */
	struct export_reading before;
	struct export_change change;
};

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

	if (x->set.o->from != NULL)
		status = exportsource_file(&x->list, x->set.o->from);
	else if (!x->set.o->deny || x->set.reasons != 1U << EXPORT_DENIED)
		status = exportsource_daemon(&x->list);
	if (status == EX_OK && x->set.o->deny)
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

		e.reasons &= x->set.reasons;
		if (e.reasons == 0 || (e.until != 0 && e.until <= x->set.doc.now) ||
		    (x->set.o->format->bits != 0 && x->set.o->format->bits != e.net.addr.bits))
			continue;
		if (denied || e.since <= x->set.doc.now - x->set.age)
			x->list.entry[n++] = e;
		else
			x->young++;
	}
	x->list.n = n;
	if (x->young > 0)
		fprintf(stderr,
		    "relayguardctl: export: %zu more are listed for less than %" PRId64
		    " s, and are left out (--age)\n",
		    x->young, x->set.age);
}

/* The store is looked into where there is one. */
static int
keep_good(const struct export *x, struct prefix_set *set, const struct conf *conf)
{
	const char *folder =
	    x->set.o->place.folder != NULL ? x->set.o->place.folder : conf->store.path;
	int status = EX_OK;

	if (x->list.n == 0)
		return EX_OK;
	if (folder != NULL)
		status = exportgood_store(set, &x->list, folder);
	if (status == EX_NOINPUT && x->set.o->place.folder == NULL)
		status = EX_OK; /* nothing has been stored yet */
	if (status == EX_OK && *x->set.o->logs != NULL)
		status = exportgood_logs(set, &x->list, x->set.o->logs);
	return status;
}

static int
subtract(struct export *x, const struct conf *conf)
{
	struct prefix_set *keep = prefix_new();
	int status = EX_OK;

	if (keep == NULL || !exportkeep_machine(keep, conf))
		status = fileerror_open(NULL);
	if (status == EX_OK && x->set.o->keep != NULL)
		status = exportkeep_file(keep, x->set.o->keep);
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
	FILE *in = fopen(x->set.o->out, "re");
	struct strbuf sb;
	bool good;

	if (in == NULL)
		return errno == ENOENT ? EX_OK : fileerror_open(x->set.o->out);
	good = exportformat_read(in, x->set.o->format, &x->before, why, sizeof(why));
	(void)fclose(in);
	x->replaces = good;
	if (good || x->set.o->force)
		return EX_OK;
	strbuf_init(&sb, sentence, sizeof(sentence));
	strbuf_addf(&sb, "%s: %s (--force, once, if it is to be replaced)", x->set.o->out, why);
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
	if (!x->set.o->json)
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

		if (x->set.o->from != NULL || !exportsource_remembers(net))
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

	if (!exportlist_guard_width(&x->list, &x->set.doc.limits, why, sizeof(why)) ||
	    !exportlist_guard_count(&x->list, &x->set.doc.limits, why, sizeof(why)))
		return refuse(why);
	if (x->set.o->format->served && x->set.doc.server[0] == NULL)
		return refuse("the name of this machine has no domain: a zone needs --ns NAME");
	if (x->set.o->out == NULL)
		return EX_OK;
	if ((status = read_before(x)) != EX_OK)
		return status;
	x->change = exportlist_compare(
	    &x->before.list, &x->list, x->set.o->diff || !x->set.o->write ? tell : NULL, x);
	if (x->replaces && !x->set.o->force &&
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
	good = exportformat_read(file, x->set.o->format, &got, why, WHY_MAX);
	change = exportlist_compare(&x->list, &got.list, NULL, NULL);
	if (good && (change.added > 0 || change.gone > 0 || got.serial != x->set.doc.serial))
		good = strbuf_fail(why, WHY_MAX, "what was written is not what was read back");
	exportlist_clear(&got.list);
	return good;
}

static int
write_file(const struct export *x)
{
	struct newfile file;
	int status = newfile_begin(&file, x->set.o->out);
	char why[WHY_MAX];
	bool good;

	if (status != EX_OK)
		return status;
	exportformat_write(file.out, x->set.o->format, &x->set.doc);
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
	if (x->set.o->json) {
		bool good = jsonline_data(stdout, VERB,
		    json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "kind",
			"total", "format", x->set.o->format->name, "file", x->set.o->out,
			"written", x->set.o->write, "networks", (json_int_t)x->list.n, "before",
			(json_int_t)x->change.before, "added", (json_int_t)x->change.added,
			"gone", (json_int_t)x->change.gone, "kept", (json_int_t)x->kept,
			"young", (json_int_t)x->young, "serial",
			(json_int_t)x->set.doc.serial));

		return jsonline_end(stdout, status) && good ? status : EX_OSERR;
	}
	printf(
	    "%s: %zu networks; %zu come, %zu go, %zu may never be shut out, and are not in it%s\n",
	    x->set.o->out, x->list.n, x->change.added, x->change.gone, x->kept,
	    x->set.o->write ? "" : "; not written (-w)");
	return status;
}

static int
give(struct export *x)
{
	int status = EX_OK;

	x->set.doc.list = &x->list;
	x->set.doc.until = x->set.doc.now + x->set.life;
	x->set.doc.serial = (uint32_t)x->set.doc.now;
	if (x->before.serial >= x->set.doc.serial)
		x->set.doc.serial = x->before.serial + 1;
	if (x->set.o->out == NULL) {
		exportformat_write(stdout, x->set.o->format, &x->set.doc);
		return EX_OK;
	}
	if (x->set.o->write)
		status = write_file(x);
	return status == EX_OK ? sum_up(x, status) : status;
}

static int export(const struct export_options *o, const struct conf *conf)
{
	struct export x = {.set.doc.now = clock_wall()};
	int status = EX_USAGE;

	if (exportoptions_read(&x.set, o, conf) && (status = collect(&x, conf)) == EX_OK) {
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
check(const struct export_options *o)
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
	struct export_options o = {.json = json};
	struct conf *conf;
	int status;

	if (!exportoptions_take(&o, word))
		return EX_USAGE;
	if (o.check != NULL)
		return check(&o);
	if ((conf = storelog_conf(&o.place, NULL)) == NULL)
		return EX_CONFIG;
	status = export(&o, conf);
	conf_unref(&conf);
	return status;
}
