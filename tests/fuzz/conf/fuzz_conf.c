/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_conf.c - a configuration, with a registry before it where a line "==="
 * parts the two: it is good and within all bounds, or there is a complaint.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/ipaddr.h"
#include "base/log.h"
#include "base/template.h"
#include "conf/checker.h"
#include "conf/conf.h"
#include "conf/rules.h"
#include "conf/section.h"
#include "dns/server.h"
#include "fuzz/fuzz.h"
#include "lists/listing.h"
#include "lookup/memcache.h"
#include "os/socketspec.h"
#include "verdict/policy.h"

#define TEXT_MAX 16384
#define PATH_SIZE 256
#define NAME_SIZE 256
#define SEPARATOR "\n===\n"

static void
check_servers(char *const *servers)
{
	struct endpoint server;
	size_t n = 0;

	for (; servers[n] != NULL; n++)
		MUST(dnsserver_parse(&server, servers[n]));
	MUST(n <= SERVERS_MAX);
}

static void
check_template(const char *text, bool lines)
{
	char why[128];

	MUST(text == NULL || template_check(text, lines, why, sizeof(why)));
}

static void
check_answer(const struct listing *list, const struct answer *a)
{
	MUST(a->codes.low <= a->codes.high);
	MUST(a->codes.low >> 24 == 127 && a->codes.high >> 24 == 127);
	MUST(a->codes.high < 0x7fffff00U && a->codes.bits <= 255);
	MUST(a->category < CATEGORY_MAX);
	MUST(a->score >= -SCORE_MAX && a->score <= SCORE_MAX);
	MUST(a->score >= list->best && a->score <= list->worst);
	MUST(a->name == NULL || fuzz_printable(a->name));
	check_template(a->text, true);
}

/* Whatever is configured can be asked and looked up. */
static void
check_list(const struct listing *list)
{
	static const char *const address[] = {"255.255.255.255", "2001:db8::1"};
	struct ipaddr ip;
	char name[NAME_SIZE];

	MUST(list->label != NULL && list->label[0] != '\0');
	MUST(strlen(list->label) <= CHECKER_LABEL_MAX);
	MUST(fuzz_printable(list->label) && list->zone != NULL);
	MUST(strstr(list->zone, CHECKER_KEY) == NULL);
	MUST(list->name == NULL || fuzz_printable(list->name));
	MUST(list->nanswers <= ANSWERS_MAX && list->best <= 0 && list->worst >= 0);
	for (unsigned i = 0; i < list->nanswers; i++)
		check_answer(list, &list->answers[i]);
	for (size_t i = 0; i < 2; i++) {
		MUST(ipaddr_parse(&ip, address[i]));
		MUST(listing_query(list, &(struct subject){.key = ip}, name, sizeof(name)));
	}
	check_servers(list->servers);
	check_template(list->removal, false);
	check_template(list->text, true);
}

static void
check_policy(const struct conf *conf, const char *domain)
{
	const struct policy *p = policies_find(conf->policies, domain);

	MUST(p != NULL && p->name != NULL && p->nvotes <= LISTS_MAX);
	MUST(!conf->shadow || p->shadow);
	MUST(p->refuse >= 0 && p->defer >= 0 && p->tag >= 0 && p->quarantine >= 0);
	MUST(p->drop >= 0 && (p->drop_code == 521 || p->drop_code == 421) && p->agree >= 1);
	MUST(p->refuse_code == 550 || p->refuse_code == 554);
	MUST(conf->lines == 1 || conf->lines == 3);
	MUST(!p->drop_at_connect || strcmp(p->name, "default") == 0);
	for (unsigned i = 0; i < p->nvotes; i++) {
		MUST(p->vote[i].list < conf->roster->n && p->vote[i].weight >= 1);
		MUST((p->lists & (listset)1 << p->vote[i].list) != 0);
		MUST(p->vote[i].group <= i &&
		    p->vote[p->vote[i].group].group == p->vote[i].group);
	}
	check_template(p->text, true);
}

static void
check_conf(const struct conf *conf)
{
	struct socketspec spec;
	char why[128];

	MUST(conf->roster != NULL && conf->roster->n <= LISTS_MAX);
	for (unsigned i = 0; i < conf->roster->n; i++)
		check_list(conf->roster->list[i]);
	MUST(conf->policies != NULL && conf->allow.set != NULL && conf->deny.set != NULL);
	check_policy(conf, "");
	check_policy(conf, "strict.example");
	check_policy(conf, "a.b.example.com");
	MUST(socketspec_parse(&spec, conf->listen, why, sizeof(why)));
	MUST(conf->listen_postfix != NULL && conf->socket_mode <= 0777);
	MUST(conf->deadline_ms > 0 && conf->deadline_ms <= 3600000);
	MUST(conf->memory >= MEMCACHE_BYTES_MIN);
	MUST(conf->health.interval_ms >= 0 && conf->health.failures >= 1);
	MUST(conf->health.passes >= 1);
	MUST(!conf->use_redis || (conf->redis.host != NULL) != (conf->redis.path != NULL));
	check_servers(conf->servers);
	check_template(conf->deny_removal, false);
}

/* Complaints are lines that begin with one of our files, and hold no control bytes. */
static void
check_errors(const char *text)
{
	for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
		MUST(strchr(line, '\n') != NULL && line[0] == '/');
	for (; *text != '\0'; text++)
		MUST((unsigned char)*text >= ' ' || *text == '\n');
}

static void
load(const char *registry, const char *path)
{
	struct paper errors;
	struct conf *conf;

	paper_open(&errors);
	conf = conf_load(registry, path, errors.stream);
	paper_read(&errors);
	MUST(conf != NULL || errors.len > 0);
	check_errors(errors.text);
	if (conf != NULL)
		check_conf(conf);
	conf_unref(&conf);
	paper_close(&errors);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *mark = memmem(data, size, SEPARATOR, strlen(SEPARATOR));
	size_t known = mark != NULL ? (size_t)(mark - data) + 1 : 0;
	size_t skipped = mark != NULL ? known + strlen(SEPARATOR) - 1 : 0;
	char registry[PATH_SIZE], path[PATH_SIZE];

	if (size > TEXT_MAX)
		return 0;
	snprintf(registry, sizeof(registry), "%s", fuzz_file("lists.conf", data, known));
	snprintf(path, sizeof(path), "%s",
	    fuzz_file("relayguard.conf", data + skipped, size - skipped));
	load(mark != NULL ? registry : NULL, path);
	return 0;
}
