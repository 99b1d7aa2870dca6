/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/conf.c - the configuration: what the files say becomes one snapshot that never
 * changes.
 */
#include "config.h"

#include "conf/conf.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"
#include "base/report.h"
#include "conf/datarules.h"
#include "conf/inheritance.h"
#include "conf/keyword.h"
#include "conf/lintask.h"
#include "conf/lintlist.h"
#include "conf/linttext.h"
#include "conf/ownrules.h"
#include "conf/parser.h"
#include "conf/places.h"
#include "conf/redisrules.h"
#include "conf/rules.h"
#include "conf/section.h"
#include "conf/storerules.h"
#include "conf/texts.h"
#include "conf/traprules.h"
#include "conf/watchrules.h"
#include "data/datafeeds.h"
#include "os/socketspec.h"
#include "own/traps.h"

#define WHY_MAX 300
#define RESOLV_CONF "/etc/resolv.conf"
#define LISTEN_DEFAULT "inet:8891@127.0.0.1"
#define SECTIONS_MANY 1000 /* sections leave so much memory that it is given back */

/* The running snapshot. */
static struct {
	pthread_mutex_t lock; /* guards what follows */
	struct conf *conf;
} running = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- From sections to a snapshot --- */

static char *
copy_path(const struct socketspec *spec, struct report *report)
{
	return spec->path[0] != '\0' ? values_copy(spec->path, report) : NULL;
}

static void
use_milter(struct conf *conf, const struct socketspec *spec, struct report *report)
{
	conf->listen = values_copy(spec->milter, report);
	conf->listen_postfix = values_copy(spec->postfix, report);
	conf->listen_path = copy_path(spec, report);
}

/* Whether one of the two sockets is in that place. */
static bool
is_taken(const struct conf *conf, const struct socketspec *spec)
{
	return (conf->listen != NULL && strcmp(conf->listen_postfix, spec->postfix) == 0) ||
	    (conf->policy != NULL && strcmp(conf->policy, spec->postfix) == 0);
}

/* Of each kind there is one; that of the milter, which we watch ourselves by, is always there. */
static void
build_listen(struct conf *conf, const struct word *word, struct report *report)
{
	struct socketspec spec;
	char why[WHY_MAX];

	for (unsigned i = 0; i < word->n; i++) {
		const char *text = word->values[i].text;
		bool policy = socketspec_take_policy(&text);

		if (!socketspec_parse(&spec, text, why, sizeof(why)))
			continue; /* told of by its checker */
		if ((policy ? conf->policy : conf->listen) != NULL) {
			report_mistake(report, &word->values[i].place,
			    "listen: there is another socket for that already");
		} else if (is_taken(conf, &spec)) {
			report_mistake(report, &word->values[i].place,
			    "listen: %s is the place of something else", spec.postfix);
		} else if (policy) {
			conf->policy = values_copy(spec.postfix, report);
			conf->policy_path = copy_path(&spec, report);
		} else {
			use_milter(conf, &spec, report);
		}
	}
	if (conf->listen == NULL && socketspec_parse(&spec, LISTEN_DEFAULT, why, sizeof(why)))
		use_milter(conf, &spec, report);
}

static void
build_root(struct conf *conf, const struct section *root, struct report *report)
{
	build_listen(conf, section_word(root, "listen"), report);
	conf->socket_mode = (unsigned)section_number(root, "socket_mode");
	conf->socket_group = values_copy(section_text(root, "socket_group"), report);
	conf->user = values_copy(section_text(root, "user"), report);
	conf->group = values_copy(section_text(root, "group"), report);
	conf->pid_file = values_copy(section_text(root, "pid_file"), report);
	conf->sandbox = section_number(root, "sandbox") != 0;
	conf->shadow = section_number(root, "mode") != 0;
	conf->deadline_ms = section_number(root, "deadline");
	conf->lines = (unsigned)section_number(root, "lines");
	conf->mta = (enum mta)section_number(root, "mta");
	conf->authserv_id = values_copy(section_text(root, "authserv_id"), report);
	conf->texts = values_copy(section_text(root, "texts"), report);
}

/* Two things cannot be in one place. */
static void
check_places(const struct conf *conf, const struct section *control, struct report *report)
{
	const struct control_options *o = &conf->control;
	const struct {
		const char *word, *path, *other;
	} pairs[] = {
	    {"socket", o->socket, conf->listen_path},
	    {"status", o->status, conf->listen_path},
	    {"page", o->page, conf->listen_path},
	    {"socket", o->socket, conf->policy_path},
	    {"status", o->status, conf->policy_path},
	    {"page", o->page, conf->policy_path},
	    {"socket", o->socket, conf->pid_file},
	    {"status", o->status, conf->pid_file},
	    {"page", o->page, conf->pid_file},
	    {"status", o->status, o->socket},
	    {"page", o->page, o->socket},
	    {"page", o->page, o->status},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct place place = section_place(control, pairs[i].word);

		if (pairs[i].path != NULL && pairs[i].other != NULL &&
		    strcmp(pairs[i].path, pairs[i].other) == 0)
			report_mistake(report, &place, "%s: %s is the place of something else",
			    pairs[i].word, pairs[i].path);
	}
}

static void
build_control(struct control_options *o, const struct section *control, struct report *report)
{
	o->socket = values_copy(section_text(control, "socket"), report);
	o->group = values_copy(section_text(control, "group"), report);
	o->status = values_copy(section_text(control, "status"), report);
	o->metrics = values_copy(section_text(control, "metrics"), report);
	o->status_group = values_copy(section_text(control, "status_group"), report);
	o->page = values_copy(section_text(control, "page"), report);
	o->page_group = values_copy(section_text(control, "page_group"), report);
}

static struct health_options
read_health(const struct section *health, int64_t deadline_ms)
{
	return (struct health_options){
	    .interval_ms = section_number(health, "interval"),
	    .failures = (unsigned)section_number(health, "failures"),
	    .passes = (unsigned)section_number(health, "passes"),
	    .confirmation = section_number(health, "proof") != 0,
	    .deadline_ms = deadline_ms,
	};
}

/* The set of domains of a word; NULL only where memory is out. */
static struct domainset *
build_domains(const struct section *sec, const char *name, struct report *report)
{
	const struct word *word = section_word(sec, name);
	struct domainset *set = domainset_new();
	char why[WHY_MAX];

	for (unsigned i = 0; set != NULL && i < word->n; i++)
		/* What is no domain has been said. */
		if (keyword_check(word->keyword, word->values[i].text, why, sizeof(why)) &&
		    !domainset_add(set, word->values[i].text, NULL, word_line(word, i)))
			report_no_memory(report);
	if (set != NULL)
		domainset_seal(set);
	else
		report_no_memory(report);
	return set;
}

/* What section_files() calls, and for whom. */
struct taking {
	struct conf *conf;
	struct report *report;
};

static void
take_file(void *arg, const char *path)
{
	struct conf *conf = ((struct taking *)arg)->conf;
	struct report *report = ((struct taking *)arg)->report;
	char **files = bulk_next(conf->files, conf->nfiles, sizeof(files[0]));

	if (files == NULL) {
		report_no_memory(report);
		return;
	}
	conf->files = files;
	files[conf->nfiles++] = values_copy(path, report);
}

static void
warn_of_sample(const struct section *root, struct report *report)
{
	struct place place = section_place(root, "ask_sample");

	report_warning(report, &place,
	    "ask_sample: 0: nobody learns what lists would have said that were not asked");
}

/* The policies, the lists they name, and the texts of both. */
static void
build_rules(struct conf *conf, const struct section *root, const struct section *registry,
    struct report *report)
{
	struct texts *texts = texts_read(root, registry, report);
	struct rules rules = {0};

	if (texts != NULL) {
		rules_build(&rules, root, registry, texts, conf->shadow, report);
		texts_categories(texts, conf->category_text, report);
	}
	texts_free(texts);
	conf->roster = rules.roster;
	if (conf->roster != NULL &&
	    (conf->tested = watchrules_roster(
		 &conf->watch, conf->roster, root, registry, report)) == NULL)
		report_no_memory(report);
	conf->policies = rules.policies;
	if (rules.roster != NULL && rules.policies != NULL) {
		asking_plan(&conf->asking, rules.policies, rules.roster, conf->own.enabled);
		if (!conf->asking.frugal)
			lintask_policies(rules.policies, rules.roster, root, report);
	}
	conf->asking.sample = (unsigned)section_number(root, "ask_sample");
	if (conf->asking.frugal && conf->asking.sample == 0)
		warn_of_sample(root, report);
	conf->marks = rules.marks;
	conf->quarantines = rules.quarantines;
}

static void
build_clients(struct conf *conf, const struct section *root, struct report *report)
{
	const struct section *allow = section_find(root, "allow", NULL);
	const struct section *deny = section_find(root, "deny", NULL);
	struct conf *before = conf_current();

	localset_build(
	    &conf->allow, allow, NETLINE_ALLOW, before != NULL ? &before->allow : NULL, report);
	localset_build(
	    &conf->deny, deny, NETLINE_DENY, before != NULL ? &before->deny : NULL, report);
	conf_unref(&before);
	conf->deny_removal = values_copy(section_text(deny, "removal"), report);
	conf->allow_senders = build_domains(allow, "senders", report);
	conf->allow_hosts = build_domains(allow, "hosts", report);
}

static void
build_traps(struct conf *conf, const struct section *root, struct report *report)
{
	const struct traplint_known known = {
	    .policies = conf->policies,
	    .senders = conf->allow_senders,
	    .hosts = conf->allow_hosts,
	    .idle = !conf->own.enabled,
	};

	conf->traps = traprules_build(section_find(root, "traps", NULL), &known, report);
}

static struct places *
keep_places(const struct section *sec, struct report *report)
{
	struct places *places = places_new(sec);

	if (places == NULL)
		report_no_memory(report);
	return places;
}

static void
build_conf(struct conf *conf, const struct section *root, const struct section *registry,
    struct report *report)
{
	const struct section *limits = section_find(root, "limits", NULL);
	const struct section *cache = section_find(root, "cache", NULL);
	const struct section *dns = section_find(root, "dns", NULL);
	struct taking taking = {conf, report};

	conf->places.root = keep_places(root, report);
	conf->places.deny = keep_places(section_find(root, "deny", NULL), report);
	build_root(conf, root, report);
	build_control(&conf->control, section_find(root, "control", NULL), report);
	check_places(conf, section_find(root, "control", NULL), report);
	conf->nnat64 = values_networks(
	    conf->nat64, NAT64_MAX, section_word(root, "nat64"), nat64_parse, report);
	conf->memory = (size_t)section_number(cache, "memory");
	conf->use_redis = redisrules_build(&conf->redis, cache, report);
	storerules_build(&conf->store, section_find(root, "store", NULL),
	    conf->use_redis ? &conf->redis : NULL, report);
	pagerules_build(&conf->page, root, conf->store.path != NULL, report);
	values_servers(conf->servers, dns, report);
	conf->health = read_health(section_find(root, "health", NULL), conf->deadline_ms);
	conf->max_sessions = (unsigned)section_number(limits, "sessions");
	conf->max_lookups = (unsigned)section_number(limits, "inquiries");
	conf->max_network4 = (unsigned)section_number(limits, "network4");
	conf->max_network6 = (unsigned)section_number(limits, "network6");
	conf->spf_processes =
	    (unsigned)section_number(section_find(root, "spf", NULL), "processes");
	section_files(root, take_file, &taking);
	section_files(registry, take_file, &taking);
	build_clients(conf, root, report);
	ownrules_build(&conf->own, root, report);
	watchrules_build(&conf->watch, root, report);
	build_rules(conf, root, registry, report);
	if (conf->tested != NULL)
		datarules_files(conf->tested, take_file, &taking);
	pagerules_check_passes(&conf->page, root, report);
	build_traps(conf, root, report);
	ownrules_settle(&conf->own,
	    &(struct ownrules_users){conf->roster, conf->policies, conf->path,
		conf->store.path != NULL, conf->page.url != NULL},
	    root, report);
	if (conf->roster != NULL)
		lintlist_resolvers(
		    conf->roster, section_word(dns, "servers"), RESOLV_CONF, report);
	linttext_check(root, report);
}

/* --- Snapshots --- */

static void
free_conf(struct conf *conf)
{
	for (size_t i = 0; i < SERVERS_MAX; i++)
		free(conf->servers[i]);
	if (conf->roster != NULL)
		roster_unref(&conf->roster);
	if (conf->tested != NULL)
		roster_unref(&conf->tested);
	policies_free(conf->policies);
	localset_clear(&conf->allow);
	localset_clear(&conf->deny);
	domainset_free(conf->allow_senders);
	domainset_free(conf->allow_hosts);
	traps_free(conf->traps);
	for (unsigned i = 0; i < CATEGORY_MAX; i++)
		free(conf->category_text[i]);
	redis_options_clear(&conf->redis);
	for (size_t i = 0; i < conf->nfiles; i++)
		free(conf->files[i]);
	free(conf->files);
	free(conf->listen);
	free(conf->listen_postfix);
	free(conf->listen_path);
	free(conf->policy);
	free(conf->policy_path);
	free(conf->socket_group);
	free(conf->user);
	free(conf->group);
	free(conf->pid_file);
	free(conf->control.socket);
	free(conf->control.group);
	free(conf->control.status);
	free(conf->control.status_group);
	free(conf->control.page);
	free(conf->control.page_group);
	free(conf->control.metrics);
	free(conf->store.path);
	redis_options_clear(&conf->store.redis);
	page_options_clear(&conf->page);
	own_options_clear(&conf->own);
	watch_options_clear(&conf->watch);
	free(conf->authserv_id);
	free(conf->deny_removal);
	free(conf->texts);
	free(conf->path);
	free(conf->known);
	free(conf->places.root);
	free(conf->places.deny);
	free(conf);
}

static void *
free_pieces(void *arg)
{
	free_conf(arg);
	return NULL;
}

/*
 * Nobody has it any more.  Millions of networks are freed on a thread of their own: the
 * last to let go may be a session, whose client would wait.
 */
static void
discard(struct conf *conf)
{
	size_t size = localset_bytes(&conf->allow) + localset_bytes(&conf->deny);
	pthread_t thread;

	if (size >= BULK_SIZE && pthread_create(&thread, NULL, free_pieces, conf) == 0)
		pthread_detach(thread);
	else
		free_conf(conf);
}

struct conf *
conf_ref(struct conf *conf)
{
	atomic_fetch_add_explicit(&conf->refs, 1, memory_order_relaxed);
	return conf;
}

void
conf_unref(struct conf **held)
{
	struct conf *conf = *held;

	*held = NULL;
	if (conf != NULL &&
	    atomic_fetch_sub_explicit(&conf->refs, 1, memory_order_acq_rel) == 1)
		discard(conf);
}

void
conf_install(struct conf *conf)
{
	struct conf *old;

	pthread_mutex_lock(&running.lock);
	old = running.conf;
	running.conf = conf;
	pthread_mutex_unlock(&running.lock);
	conf_unref(&old);
}

struct conf *
conf_current(void)
{
	struct conf *conf;

	pthread_mutex_lock(&running.lock);
	conf = running.conf != NULL ? conf_ref(running.conf) : NULL;
	pthread_mutex_unlock(&running.lock);
	return conf;
}

static void
write_sum(char out[9], uint32_t sum)
{
	snprintf(out, 9, "%08" PRIx32, sum);
}

/* Read both files and build what they say into conf. */
static void
load_files(struct conf *conf, const char *registry, const char *path, struct report *report)
{
	struct place nowhere = {path, 0};
	struct section root, known;
	bool ready = section_init(&known, "registry", NULL, &nowhere), many, whole;
	unsigned mistakes;
	uint32_t sum = 0;

	ready = section_init(&root, "root", NULL, &nowhere) && ready;
	if (!ready)
		report_no_memory(report);
	whole = ready && (registry == NULL || parser_read(&known, registry, NULL, report));
	whole = ready && parser_read(&root, path, &sum, report) && whole;
	write_sum(conf->sum, sum);
	conf->path = values_copy(path, report);
	conf->known = values_copy(registry, report);
	/* Half a file would only be good for mistakes that are none. */
	mistakes = report_mistakes(report);
	if (whole) {
		section_check(&known, report);
		section_check(&root, report);
	}
	if (mistakes == 0) {
		if (!inheritance_join(&root) || !layers_join(&root, &known, "list"))
			report_no_memory(report);
		build_conf(conf, &root, &known, report);
	}
	many = root.nsections >= SECTIONS_MANY;
	section_clear(&known);
	section_clear(&root);
	if (many)
		bulk_settle();
}

static struct conf *
load(const char *registry, const char *path, bool data, FILE *errors)
{
	struct report *report = report_new(errors);
	struct conf *conf = calloc(1, sizeof(*conf));

	if (report == NULL || conf == NULL) {
		fprintf(errors, "%s: out of memory\n", path);
		report_free(report);
		free(conf);
		return NULL;
	}
	atomic_init(&conf->refs, 1);
	datafeeds_sweep();
	load_files(conf, registry, path, report);
	if (data && report_mistakes(report) == 0)
		datarules_look(conf->tested, conf->path, conf->known, report);
	if (report_mistakes(report) > 0)
		conf_unref(&conf);
	report_free(report);
	return conf;
}

struct conf *
conf_load(const char *registry, const char *path, FILE *errors)
{
	return load(registry, path, true, errors);
}

struct conf *
conf_load_without_data(const char *registry, const char *path, FILE *errors)
{
	return load(registry, path, false, errors);
}

bool
conf_is_changed(const struct conf *conf)
{
	char text[sizeof(conf->sum)];
	uint32_t sum;

	if (!parser_sum(conf->path, &sum))
		return true;
	write_sum(text, sum);
	return strcmp(text, conf->sum) != 0;
}

void
conf_keywords(void (*fn)(const char *keyword))
{
	const struct keyword *k;
	const char *section = "root";
	char name[64];

	for (size_t i = 0; (k = keyword_at(i)) != NULL; i++) {
		if (strcmp(k->section, section) != 0)
			fn(section = k->section);
		if (k->name == NULL)
			continue;
		snprintf(name, sizeof(name), "%s.%s", section, k->name);
		fn(strcmp(section, "root") == 0 ? k->name : name);
	}
}
