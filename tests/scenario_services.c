/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario_services.c - what surrounds the clients of a scenario: configuration,
 * files, Redis and time.  All is set up as relayguard(8) does it, on the fakes.
 */
#include "config.h"

#include "scenario.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_redis.h"
#include "fakes/fake_resolver.h"
#include "fakes/fake_spflink.h"
#include "health/health.h"
#include "lookup/lookup.h"
#include "lookup/memcache.h"
#include "loop/loop.h"

#define START_MS 1000000
#define START_WALL 1766300000
#define PATH_SIZE 256

/* What a scenario has that is not about tests of lists. */
#define NEEDED "ask = \"needed\"\nask_sample = 0\n"
#define UNTESTED "health { interval = \"0s\" proof = false }\n"

void
dir_make(char dir[DIR_SIZE])
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, DIR_SIZE, "%.40s/scenario.XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL) {
		perror(dir);
		exit(1);
	}
}

void
dir_remove(const char *name)
{
	char path[PATH_SIZE];
	struct dirent *entry;
	DIR *dir = opendir(name);

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%.180s", name, entry->d_name);
		if (unlink(path) != 0)
			dir_remove(path);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(name);
}

void
daemon_services_open(struct scenario *s)
{
	s->mta_version = 6;
	clock_freeze(START_MS, START_WALL);
	paper_open(&s->log);
	paper_open(&s->errors);
	paper_open(&s->replies);
	log_to_stream(s->log.stream);
	if (s->cached)
		resolver_cached();
}

static void
path_of(const struct scenario *s, const char *name, char path[PATH_SIZE])
{
	const char *slash = strchr(name, '/');

	if (name[0] == '.' ||
	    (slash != NULL && (strchr(slash + 1, '/') != NULL || slash == name)))
		broken(s, "a file is NAME or FOLDER/NAME, not", name);
	if (slash != NULL) {
		snprintf(path, PATH_SIZE, "%s/%.*s", s->dir, (int)(slash - name), name);
		mkdir(path, 0700);
	}
	snprintf(path, PATH_SIZE, "%s/%s", s->dir, name);
}

void
daemon_services_close(struct scenario *s)
{
	clients_quit(s);
	crowd_free();
	nodes_stop(s);
	fake_resolver_reset();
	fake_dns_reset();
	fake_redis_reset();
	fake_spflink_reset();
	log_to_stream(stderr);
	paper_close(&s->log);
	paper_close(&s->errors);
	paper_close(&s->replies);
}

/* Write a file, readable for us alone, %{dir} replaced. */
static void
write_file(const struct scenario *s, const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	const char *mark;

	if (out == NULL)
		broken(s, strerror(errno), path);
	for (; (mark = strstr(text, "%{dir}")) != NULL; text = mark + strlen("%{dir}")) {
		fwrite(text, 1, (size_t)(mark - text), out);
		fputs(s->dir, out);
	}
	fputs(text, out);
	fclose(out);
}

void
do_file(struct scenario *s)
{
	char path[PATH_SIZE], *text = unescape(s, s->block);
	const char *mode;

	path_of(s, need_word(s), path);
	write_file(s, path, text);
	if ((mode = next_word(&s->rest)) != NULL && chmod(path, strtoul(mode, NULL, 8)) != 0)
		broken(s, strerror(errno), path);
	free(text);
}

/* Write the block, and below it, lest lines move, what it does not say of health. */
static void
write_conf(const struct scenario *s, const char *path)
{
	const char *rest = strstr(s->block, "health {") == NULL ? UNTESTED : "";
	const char *ask = s->needed && strstr(s->block, "ask =") == NULL ? NEEDED : "";
	size_t size = strlen(s->block) + strlen(rest) + strlen(ask) + 1;
	char *text = malloc(size);

	if (text == NULL)
		broken(s, "out of memory for", path);
	snprintf(text, size, "%s%s%s", s->block, rest, ask);
	write_file(s, path, text);
	free(text);
}

/* Read the files as they are now; NULL: there was a mistake. */
static struct conf *
read_conf(struct scenario *s)
{
	char path[PATH_SIZE], registry[PATH_SIZE];

	path_of(s, "relayguard.conf", path);
	path_of(s, s->registry, registry);
	return conf_load(s->registry[0] != '\0' ? registry : NULL, path, s->errors.stream);
}

/* Read the block; "=> bad" says that it must fail.  NULL: it did. */
static struct conf *
load(struct scenario *s)
{
	char path[PATH_SIZE];
	const char *known = next_word(&s->rest);
	struct conf *conf;
	size_t seen;

	fflush(s->errors.stream);
	s->errors.read = seen = s->errors.len;
	path_of(s, "relayguard.conf", path);
	write_conf(s, path);
	if (!strbuf_copy(s->registry, sizeof(s->registry), known != NULL ? known : ""))
		broken(s, "too long a name:", known);
	conf = read_conf(s);
	fflush(s->errors.stream);
	if (s->want != NULL)
		check(s, strcmp(s->want, conf != NULL ? "good" : "bad") == 0, s->want,
		    conf != NULL ? "good" : s->errors.text + seen);
	else if (conf == NULL)
		check(s, false, "good", s->errors.text + seen);
	return conf;
}

struct conf *
daemon_services_load(struct scenario *s)
{
	struct conf *conf = read_conf(s);

	if (conf == NULL)
		broken(s, "the configuration cannot be read again for", s->whole);
	return conf;
}

void
do_conf(struct scenario *s)
{
	struct conf *conf;

	if (s->here != NULL)
		broken(s, "there is a configuration already; say", "reload");
	if ((conf = load(s)) != NULL)
		node_start(s, "first", conf);
}

void
do_reload(struct scenario *s)
{
	struct conf *conf;

	if (s->here == NULL)
		broken(s, "there is no configuration yet; say", "conf");
	if ((conf = load(s)) == NULL)
		return;
	daemon_services_use(&s->here->services, conf);
	fake_loop_turn(s->loop);
}

static bool
set_redis_mode(struct scenario *s, const char *word)
{
	if (strcmp(word, "up") == 0)
		fake_redis_set_mode(FAKE_REDIS_UP, 1);
	else if (strcmp(word, "down") == 0)
		fake_redis_set_mode(FAKE_REDIS_DOWN, 1);
	else if (strcmp(word, "garbage") == 0)
		fake_redis_set_mode(FAKE_REDIS_GARBAGE, 1);
	else if (strcmp(word, "slow") == 0)
		fake_redis_set_mode(FAKE_REDIS_SLOW, duration(s, need_word(s)));
	else
		return false;
	return true;
}

void
do_redis(struct scenario *s)
{
	const char *key = need_word(s);
	uint32_t ttl = 3600;
	char *value;

	if (set_redis_mode(s, key))
		return;
	value = unescape(s, need_word(s));
	if (next_word(&s->rest) != NULL) /* "ttl" */
		ttl = (uint32_t)strtoul(need_word(s), NULL, 10);
	if (!fake_redis_put(key, value, ttl))
		broken(s, "too much for the fake Redis:", key);
	free(value);
}

void
do_wait(struct scenario *s)
{
	int64_t ms = duration(s, need_word(s));

	if (s->here != NULL)
		crowd_pass(s, ms);
	else
		clock_advance(ms);
}

static void
stop(void *arg)
{
	session_stop_all(arg);
}

void
do_stop(struct scenario *s)
{
	struct node *n = s->here;

	if (next_word(&s->rest) == NULL) { /* else "after" */
		stop(&n->services.sessions);
		fake_loop_turn(s->loop);
	} else if ((n->stop_timer = timer_new(s->loop, stop, &n->services.sessions)) != NULL) {
		timer_start(n->stop_timer, duration(s, need_word(s)));
	}
}
