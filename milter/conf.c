/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf.c - the configuration: libConfuse takes files apart, and what they say
 * becomes one snapshot that never changes.
 */
#include "config.h"

#include "conf.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <confuse.h>

#include "keyword.h"
#include "report.h"
#include "rules.h"
#include "section.h"
#include "socketspec.h"
#include "textfile.h"

#define WHY_MAX 300
#define SECTION_WORDS 32
#define PASSWORD_MAX 512

/* Patience with a Redis on the same machine or the next. */
#define REDIS_MS 100

/* A list word of every section whose default libConfuse reads at the opening
 * brace: the only way to learn the line of that. */
#define BEGIN "{"

/* What libConfuse is to expect; it copies all but the default values. */
struct grammar {
	cfg_opt_t cache[SECTION_WORDS], dns[SECTION_WORDS], limits[SECTION_WORDS],
	    health[SECTION_WORDS], list[SECTION_WORDS], answer[SECTION_WORDS],
	    allow[SECTION_WORDS], deny[SECTION_WORDS], policy[SECTION_WORDS], registry[2],
	    root[SECTION_WORDS];
};

/* What is being read: libConfuse's callbacks take no argument, and its scanner
 * is one for the process. */
static struct {
	const char *file;
	struct report *report;
} reading;

/* The running snapshot. */
static struct {
	pthread_mutex_t lock; /* guards what follows */
	struct conf *conf;
} running = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void
out_of_memory(void)
{
	struct place here = {reading.file, 0};

	report_mistake(reading.report, &here, "out of memory");
}

/* --- From text to sections --- */

/*
 * What may be set but once: a word that is no list; and a list, by its first
 * value, in a section without a title, which may be opened twice.  Defaults
 * of such sections are read before the file is, and have no line.
 */
static int
note_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct place place = {reading.file, (unsigned)cfg->line};
	unsigned n = cfg_opt_size(opt);
	bool list = (opt->flags & CFGF_LIST) != 0;
	bool once = !list || (n <= 1 && cfg->title == NULL);

	*(const char **)result = value;
	if (place.line == 0 ||
	    report_note(reading.report, opt, n > 0 ? n - 1 : 0, &place,
		once ? cfg_opt_name(opt) : NULL))
		return 0;
	out_of_memory();
	return -1;
}

static void note_error(cfg_t *, const char *, va_list) __attribute__((format(printf, 2, 0)));

static void
note_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	struct place place = {reading.file, cfg != NULL ? (unsigned)cfg->line : 0};
	char text[WHY_MAX];

	vsnprintf(text, sizeof(text), fmt, ap);
	report_mistake(reading.report, &place, "%s", text);
}

/* Write the words of a section; the end, where its sections may follow. */
static cfg_opt_t *
write_words(cfg_opt_t *out, const char *section)
{
	const struct keyword *k;

	*out++ = (cfg_opt_t)CFG_STR_LIST_CB(BEGIN, (char *)"{x}", CFGF_NONE, note_value);
	for (size_t i = 0; (k = keyword_at(i)) != NULL; i++) {
		if (k->name == NULL || strcmp(k->section, section) != 0)
			continue;
		if (k->list)
			*out++ = (cfg_opt_t)CFG_STR_LIST_CB(
			    k->name, (char *)k->def, CFGF_NONE, note_value);
		else
			*out++ = (cfg_opt_t)CFG_STR_CB(k->name, k->def, CFGF_NONE, note_value);
	}
	*out = (cfg_opt_t)CFG_END();
	return out;
}

static void
write_grammar(struct grammar *g)
{
	const int titled = CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES;
	cfg_opt_t *end;

	write_words(g->cache, "cache");
	write_words(g->dns, "dns");
	write_words(g->health, "health");
	write_words(g->limits, "limits");
	write_words(g->allow, "allow");
	write_words(g->deny, "deny");
	write_words(g->policy, "policy");
	write_words(g->answer, "answer");
	end = write_words(g->list, "list");
	*end++ = (cfg_opt_t)CFG_SEC("answer", g->answer, titled);
	*end = (cfg_opt_t)CFG_END();
	g->registry[0] = (cfg_opt_t)CFG_SEC("list", g->list, titled);
	g->registry[1] = (cfg_opt_t)CFG_END();
	end = write_words(g->root, "root");
	*end++ = (cfg_opt_t)CFG_SEC("cache", g->cache, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("dns", g->dns, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("health", g->health, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("limits", g->limits, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("list", g->list, titled);
	*end++ = (cfg_opt_t)CFG_SEC("allow", g->allow, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("deny", g->deny, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("policy", g->policy, titled);
	*end = (cfg_opt_t)CFG_END();
}

static struct place
place_of(cfg_opt_t *opt, unsigned index, const struct place *otherwise)
{
	struct place place = *otherwise;

	report_find(reading.report, opt, index, &place);
	return place;
}

static bool
take_values(struct section *out, cfg_opt_t *opt)
{
	const char *name = cfg_opt_name(opt);

	if (keyword_find(out->kind, name) == NULL)
		return true;
	if ((opt->flags & CFGF_MODIFIED) != 0)
		section_mark(out, name);
	for (unsigned i = 0; i < cfg_opt_size(opt); i++) {
		const char *text = cfg_opt_getnstr(opt, i);
		struct place place = place_of(opt, i, &out->place);

		if (text != NULL && !section_add(out, name, text, &place))
			return false;
	}
	return true;
}

/* Copy what libConfuse has of a section. */
static bool
take_section(struct section *out, cfg_t *cfg)
{
	for (unsigned i = 0; i < cfg_num(cfg); i++) {
		cfg_opt_t *opt = cfg_getnopt(cfg, i);

		if (opt->type != CFGT_SEC && !take_values(out, opt))
			return false;
		for (unsigned n = 0; opt->type == CFGT_SEC && n < cfg_opt_size(opt); n++) {
			cfg_t *sub = cfg_opt_getnsec(opt, n);
			struct place place = place_of(cfg_getopt(sub, BEGIN), 0, &out->place);
			struct section *new =
			    section_enter(out, cfg_opt_name(opt), cfg_title(sub), &place);

			if (new == NULL || !take_section(new, sub))
				return false;
		}
	}
	return true;
}

static void
parse_text(struct section *out, const char *text, cfg_opt_t *words)
{
	unsigned before = report_mistakes(reading.report);
	cfg_t *cfg = cfg_init(words, CFGF_NONE);

	if (cfg == NULL) {
		out_of_memory();
		return;
	}
	cfg_set_error_function(cfg, note_error);
	if (cfg_parse_buf(cfg, text) != CFG_SUCCESS) {
		if (report_mistakes(reading.report) == before)
			out_of_memory();
	} else {
		report_settle(reading.report);
		if (!take_section(out, cfg))
			out_of_memory();
	}
	report_forget(reading.report);
	cfg_free(cfg);
}

/* Read a file into out; what is there after a mistake is not the whole. */
static void
read_file(struct section *out, const char *path, cfg_opt_t *words, struct report *report)
{
	struct place place = {path, 0};
	char why[WHY_MAX];
	char *text = textfile_read(path, TEXTFILE_PLAIN, why, sizeof(why));

	reading.file = path;
	reading.report = report;
	if (text == NULL || !textfile_strip(text, &place.line, why, sizeof(why)))
		report_mistake(report, &place, "%s", why);
	else
		parse_text(out, text, words);
	free(text);
}

/* --- From sections to a snapshot --- */

static char *
copy(const char *text)
{
	char *new = text != NULL ? strdup(text) : NULL;

	if (text != NULL && new == NULL)
		out_of_memory();
	return new;
}

static void
build_root(struct conf *conf, const struct section *root)
{
	struct socketspec spec;
	char why[WHY_MAX];

	if (socketspec_parse(&spec, section_text(root, "listen"), why, sizeof(why))) {
		conf->listen = copy(spec.milter);
		conf->listen_postfix = copy(spec.postfix);
		conf->listen_path = spec.path[0] != '\0' ? copy(spec.path) : NULL;
	}
	conf->socket_mode = (unsigned)section_number(root, "socket_mode");
	conf->socket_group = copy(section_text(root, "socket_group"));
	conf->user = copy(section_text(root, "user"));
	conf->group = copy(section_text(root, "group"));
	conf->pid_file = copy(section_text(root, "pid_file"));
	conf->sandbox = section_number(root, "sandbox") != 0;
	conf->shadow = section_number(root, "mode") != 0;
	conf->deadline_ms = section_number(root, "deadline");
}

static void
build_cache(struct conf *conf, const struct section *cache, struct report *report)
{
	static const char *const dependent[] = {"user", "password_file"};
	const char *url = section_text(cache, "redis");
	char password[PASSWORD_MAX], why[WHY_MAX];

	conf->memory = (size_t)section_number(cache, "memory");
	for (size_t i = 0; url == NULL && i < 2; i++) {
		struct place place = section_place(cache, dependent[i]);

		if (section_text(cache, dependent[i]) != NULL)
			report_mistake(
			    report, &place, "%s: is of no use without redis", dependent[i]);
	}
	if (url == NULL || !redis_options_parse(&conf->redis, url, why, sizeof(why)))
		return;
	conf->use_redis = true;
	conf->redis.connect_ms = conf->redis.command_ms = REDIS_MS;
	conf->redis.user = copy(section_text(cache, "user"));
	if (section_text(cache, "password_file") != NULL &&
	    rules_secret(cache, "password_file", password, sizeof(password), report))
		conf->redis.password = copy(password);
	explicit_bzero(password, sizeof(password));
}

/* Whether a server is one of those that the big lists do not answer. */
static bool
is_public(const char *server)
{
	static const char *const known[] = {"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1",
	    "9.9.9.9", "149.112.112.112", "208.67.222.222", "208.67.220.220"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t len = strlen(known[i]);

		if (strncmp(server, known[i], len) == 0 &&
		    (server[len] == '\0' || server[len] == ':'))
			return true;
	}
	return false;
}

static void
build_servers(struct conf *conf, const struct section *dns, struct report *report)
{
	const struct word *word = section_word(dns, "servers");

	rules_servers(conf->servers, dns, report);
	for (size_t i = 0; i < word->n; i++)
		if (is_public(word->values[i].text))
			report_warning(report, &word->values[i].place,
			    "servers: most lists refuse the questions of public resolvers; "
			    "run one of your own");
}

static struct health_options
read_health(const struct section *health)
{
	return (struct health_options){
	    .interval_ms = section_number(health, "interval"),
	    .failures = (unsigned)section_number(health, "failures"),
	    .passes = (unsigned)section_number(health, "passes"),
	    .proof = section_number(health, "proof") != 0,
	};
}

static struct prefix_set *
new_set(void)
{
	struct prefix_set *set = prefix_new();

	if (set == NULL)
		out_of_memory();
	return set;
}

/* The set of a section's networks and files; NULL only where memory is out. */
static struct prefix_set *
build_set(const struct section *sec, struct report *report)
{
	const struct word *networks = section_word(sec, "networks");
	const struct word *files = section_word(sec, "files");
	struct prefix_set *set = new_set();
	char why[2 * WHY_MAX];

	for (size_t i = 0; set != NULL && i < networks->n; i++)
		if (!prefix_add(set, networks->values[i].text, NULL, why, sizeof(why)))
			report_mistake(report, &networks->values[i].place, "networks: %s", why);
	for (size_t i = 0; set != NULL && i < files->n; i++) {
		if (prefix_add_file(set, files->values[i].text, why, sizeof(why)))
			continue;
		report_mistake(report, &files->values[i].place, "files: %s", why);
		/* A set that has met a bad file is only good to be freed. */
		prefix_free(set);
		set = new_set();
	}
	if (set != NULL && !prefix_seal(set))
		out_of_memory();
	return set;
}

static void
take_file(void *arg, const char *path)
{
	struct conf *conf = arg;
	char **files = realloc(conf->files, (conf->nfiles + 1) * sizeof(files[0]));

	if (files == NULL) {
		out_of_memory();
		return;
	}
	conf->files = files;
	files[conf->nfiles++] = copy(path);
}

static void
build_conf(struct conf *conf, const struct section *root, const struct section *registry,
    struct report *report)
{
	const struct section *deny = section_find(root, "deny", NULL);
	const struct section *limits = section_find(root, "limits", NULL);
	struct rules rules;

	build_root(conf, root);
	build_cache(conf, section_find(root, "cache", NULL), report);
	build_servers(conf, section_find(root, "dns", NULL), report);
	conf->health = read_health(section_find(root, "health", NULL));
	conf->max_sessions = (unsigned)section_number(limits, "sessions");
	conf->max_inquiries = (unsigned)section_number(limits, "inquiries");
	section_files(root, take_file, conf);
	section_files(registry, take_file, conf);
	conf->allow = build_set(section_find(root, "allow", NULL), report);
	conf->deny = build_set(deny, report);
	conf->deny_removal = copy(section_text(deny, "removal"));
	rules_build(&rules, root, registry, conf->shadow, report);
	conf->roster = rules.roster;
	conf->policies = rules.policies;
}

/* --- Snapshots --- */

static void
free_conf(struct conf *conf)
{
	for (size_t i = 0; i < SERVERS_MAX; i++)
		free(conf->servers[i]);
	if (conf->roster != NULL)
		roster_unref(&conf->roster);
	policies_free(conf->policies);
	prefix_free(conf->allow);
	prefix_free(conf->deny);
	redis_options_clear(&conf->redis);
	for (size_t i = 0; i < conf->nfiles; i++)
		free(conf->files[i]);
	free(conf->files);
	free(conf->listen);
	free(conf->listen_postfix);
	free(conf->listen_path);
	free(conf->socket_group);
	free(conf->user);
	free(conf->group);
	free(conf->pid_file);
	free(conf->deny_removal);
	free(conf);
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
		free_conf(conf);
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

/* Read both files and build what they say into conf. */
static void
load_files(struct conf *conf, const char *registry, const char *path, struct report *report)
{
	struct place nowhere = {path, 0};
	struct section root, known;
	struct grammar *grammar = calloc(1, sizeof(*grammar));
	bool ready = section_init(&known, "registry", NULL, &nowhere);

	ready = section_init(&root, "root", NULL, &nowhere) && ready && grammar != NULL;
	reading.file = path;
	reading.report = report;
	if (ready) {
		write_grammar(grammar);
		if (registry != NULL)
			read_file(&known, registry, grammar->registry, report);
		read_file(&root, path, grammar->root, report);
	} else {
		out_of_memory();
	}
	/* Half a file would only be good for mistakes that are none. */
	if (report_mistakes(report) == 0) {
		section_check(&known, report);
		section_check(&root, report);
		build_conf(conf, &root, &known, report);
	}
	section_clear(&known);
	section_clear(&root);
	free(grammar);
}

struct conf *
conf_load(const char *registry, const char *path, FILE *errors)
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
	load_files(conf, registry, path, report);
	if (report_mistakes(report) > 0)
		conf_unref(&conf);
	report_free(report);
	return conf;
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
