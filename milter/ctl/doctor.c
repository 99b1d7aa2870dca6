/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctor.c - the order of the themes: what is below comes first, for it explains what is
 * wrong above.
 */
#include "config.h"

#include "ctl/doctor.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/log.h"
#include "ctl/doctorconf.h"
#include "ctl/doctordata.h"
#include "ctl/doctordns.h"
#include "ctl/doctorlists.h"
#include "ctl/doctorpostfix.h"
#include "ctl/doctorredis.h"
#include "ctl/doctorsendmail.h"
#include "ctl/doctorsocket.h"
#include "ctl/doctorsystem.h"
#include "ctl/machine.h"
#include "ctl/words.h"

/* Each has so many seconds: who is in a hurry waits for a minute at most. */
static const struct {
	const char *name;
	machine_fn *look;
	int seconds;
} themes[] = {
    {"configuration", doctorconf_look, 15}, /* millions of networks take some */
    {"resolver", doctordns_look, 8},
    {"lists", doctorlists_look, 18},
    {"lists", doctordata_look, 15}, /* so do millions of entries */
    {"redis", doctorredis_look, 5},
    {"socket", doctorsocket_look, 4},
    {"mta", doctorpostfix_look, 5},
    {"mta", doctorsendmail_look, 1},
    {"system", doctorsystem_look, 3},
};

#define VERB "doctor"
#define THEMES (int)(sizeof(themes) / sizeof(themes[0]))

static bool
is_theme(const char *name)
{
	for (int i = 0; i < THEMES; i++)
		if (strcmp(themes[i].name, name) == 0)
			return true;
	return false;
}

static bool
take_words(struct machine *m, char *const *word)
{
	const struct words_option options[] = {
	    {"lists", &m->registry},
	    {"only", &m->only},
	    {"postfix", &m->postfix},
	    {"sendmail", &m->sendmail},
	    {NULL, NULL},
	};

	if (!words_take(VERB, &word, options))
		return false;
	if (*word != NULL)
		m->conf_path = *word++;
	if (!words_take(VERB, &word, options))
		return false;
	if (*word != NULL)
		return words_wrong(VERB, *word, WORDS_TOO_MANY);
	return m->only == NULL || is_theme(m->only) ||
	    words_wrong(VERB, m->only,
		"no such theme; there are configuration, resolver, lists, redis, socket, mta "
		"and system");
}

/* Whatever is asked for, a configuration that cannot be read is said: all rests on it. */
static bool
is_wanted(const struct machine *m, int theme)
{
	return m->only == NULL || strcmp(m->only, themes[theme].name) == 0 ||
	    (m->conf == NULL && themes[theme].look == doctorconf_look);
}

/* The daemon's parts have events to tell, which are no findings. */
static void
silence_log(void)
{
	FILE *null = fopen("/dev/null", "we");

	if (null != NULL)
		log_to_stream(null);
}

int
doctor_run(bool json, char *const *word)
{
	struct machine m = {
	    .conf_path = SYSCONFDIR "/relayguard.conf",
	    .registry = PKGDATADIR "/lists.conf",
	    .sendmail = "/etc/mail",
	    .findings = {.verb = VERB, .json = json},
	};

	if (!take_words(&m, word))
		return EX_USAGE;
	silence_log();
	progress_begin(&m.progress);
	machine_load(&m);
	for (int i = 0; i < THEMES; i++) {
		if (!is_wanted(&m, i))
			continue;
		m.done = 100 * i / THEMES;
		m.deadline = clock_ms() + 1000 * themes[i].seconds;
		machine_tick(&m);
		themes[i].look(&m);
	}
	progress_end(&m.progress);
	machine_free(&m);
	return findings_end(&m.findings);
}
