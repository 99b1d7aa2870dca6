/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/audit.c - whom it may be turned against is decided here: this machine, where it listens,
 * once a minute, and nobody else by any option.
 */
#include "config.h"

#include "ctl/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "ctl/auditdns.h"
#include "ctl/auditlimits.h"
#include "ctl/auditmta.h"
#include "ctl/auditor.h"
#include "ctl/auditproxy.h"
#include "ctl/auditrelay.h"
#include "ctl/auditserver.h"
#include "ctl/words.h"

#define VERB "audit"
#define LOCK "/run/lock/relayguard-audit"
#define PAUSE_S 60
#define SMTP_PORT 25
#define ELSEWHERE "relay-test.invalid" /* RFC 6761, 6.4: nobody has it */

static const struct {
	void (*look)(struct auditor *);
	int seconds;
} themes[] = {
    {auditmta_look_at_networks, 10},
    {auditlimits_look, 10},
    {auditrelay_look, 90},
    {auditrelay_look_at_mailboxes, 60},
    {auditserver_look, 60},
    {auditproxy_look, 60},
    {auditdns_look, 60},
};

#define THEMES (int)(sizeof(themes) / sizeof(themes[0]))

struct options {
	const char *target, *own, *to;
	char mailbox[DOMAIN_NAME_SIZE + 80]; /* of to, taken apart */
};

/* False: it is no mailbox. */
static bool
take_mailbox(struct options *o, struct auditor *a)
{
	char *at;
	size_t len = strlen(o->to);

	if (!strbuf_copy(o->mailbox, sizeof(o->mailbox), o->to) ||
	    strcspn(o->mailbox, " <>\"%!:,\\\t\r\n") != len ||
	    (at = strchr(o->mailbox, '@')) == NULL || at == o->mailbox || at[1] == '\0' ||
	    strchr(at + 1, '@') != NULL)
		return words_wrong(VERB, o->to, "is no mailbox, user@domain");
	*at = '\0';
	a->user = o->mailbox;
	a->elsewhere = at + 1;
	return true;
}

static bool
take_words(struct options *o, struct auditor *a, char *const *word)
{
	const struct words_option options[] = {
	    {"conf", &a->m.conf_path},
	    {"lists", &a->m.registry},
	    {"own", &o->own},
	    {"postfix", &a->m.postfix},
	    {"sendmail", &a->m.sendmail},
	    {"to", &o->to},
	    {NULL, NULL},
	};

	if (!words_take(VERB, &word, options))
		return false;
	if (*word != NULL)
		o->target = *word++;
	if (!words_take(VERB, &word, options))
		return false;
	if (*word != NULL)
		return words_wrong(VERB, *word, WORDS_TOO_MANY);
	return o->to == NULL || take_mailbox(o, a);
}

/* --- Whom it may be turned against --- */

static bool
refuse(const char *target, const char *why)
{
	fprintf(stderr, "relayguardctl: " VERB ": %s%s%s\n", target != NULL ? target : "",
	    target != NULL ? ": " : "", why);
	return false;
}

/* The address that others reach, where something listens at port 25; else that of loopback. */
static void
find_target(struct auditor *a)
{
	struct endpoint *t = &a->target;

	t->port = SMTP_PORT;
	for (size_t i = 0; i < a->self.naddresses; i++) {
		t->address = a->self.address[i];
		if (ipaddr_is_global(&t->address) && auditself_listens(&a->self, t))
			return;
	}
	(void)ipaddr_parse(&t->address, "127.0.0.1");
}

static bool
choose_target(struct auditor *a, const char *target)
{
	if (!auditself_read(&a->self))
		return refuse(NULL, "the system does not tell which addresses are its own");
	if (target == NULL)
		find_target(a);
	else if (!endpoint_parse(&a->target, target, SMTP_PORT, true))
		return refuse(target,
		    "only an address of this machine is audited, with or without a port; run "
		    "relayguardctl audit on the other one");
	if (!auditself_has(&a->self, &a->target.address))
		return refuse(target,
		    "that is no address of this machine, and no other is audited; run "
		    "relayguardctl audit there");
	if (!auditself_listens(&a->self, &a->target))
		return refuse(target,
		    target != NULL ? "no server of this machine listens there"
				   : "no server of this machine listens at port 25; say "
				     "where: relayguardctl audit ADDRESS:PORT");
	return true;
}

/* --- How often --- */

static int
lock_fails(const char *why, int status)
{
	fprintf(stderr, "relayguardctl: " VERB ": " LOCK ": %s\n", why);
	return status;
}

/* The file is held as long as the process lives, and keeps the time of the run; 0, or the
 * status. */
static int
lock(void)
{
	int fd = open(LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;
	time_t now = (time_t)clock_wall();

	if (fd < 0)
		return lock_fails(strerror(errno), EX_CANTCREAT);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return lock_fails("another audit is running", EX_TEMPFAIL);
	if (fstat(fd, &st) != 0)
		return lock_fails(strerror(errno), EX_CANTCREAT);
	if (st.st_size > 0 && st.st_mtime <= now && now - st.st_mtime < PAUSE_S)
		return lock_fails("there was an audit within this minute", EX_TEMPFAIL);
	if (ftruncate(fd, 0) != 0 || write(fd, "audit\n", 6) != 6)
		return lock_fails(strerror(errno), EX_CANTCREAT);
	return 0;
}

/* --- What is looked at --- */

static void
look_at_all(struct auditor *a)
{
	for (int i = 0; i < THEMES; i++) {
		a->m.done = 100 * i / THEMES;
		a->m.deadline = clock_ms() + 1000 * themes[i].seconds;
		machine_tick(&a->m);
		themes[i].look(a);
	}
	machine_add(&a->m, FINDING_UNSEEN, "people", NULL,
	    "does somebody read abuse@, and look for those who use the server without right?");
}

static int
audit(struct auditor *a, const char *own)
{
	int status = lock();

	if (status != 0)
		return status;
	machine_load(&a->m);
	progress_begin(&a->m.progress);
	a->source = a->target.address;
	a->m.deadline = clock_ms() + 1000 * themes[0].seconds;
	if (auditor_begin(a)) {
		auditmta_read(a, own);
		look_at_all(a);
		auditmta_free(a);
	}
	progress_end(&a->m.progress);
	machine_free(&a->m);
	return findings_end(&a->m.findings);
}

int
audit_run(bool json, char *const *word)
{
	struct auditor *a = calloc(1, sizeof(*a));
	struct options o = {0};
	int status;

	if (a == NULL)
		return EX_OSERR;
	a->m = (struct machine){
	    .conf_path = SYSCONFDIR "/relayguard.conf",
	    .registry = PKGDATADIR "/lists.conf",
	    .sendmail = "/etc/mail",
	    .findings = {.verb = VERB, .json = json},
	};
	a->talk.fd = -1;
	a->user = AUDITOR_NAME;
	a->elsewhere = ELSEWHERE;
	if (!take_words(&o, a, word))
		status = EX_USAGE;
	else if (!machine_is_root())
		status = refuse(NULL, MACHINE_NEEDS_ROOT) ? EX_OK : EX_NOPERM;
	else if (!choose_target(a, o.target))
		status = EX_NOPERM;
	else
		status = audit(a, o.own);
	free(a);
	return status;
}
