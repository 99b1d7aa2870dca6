/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctor.c - the order of the themes: what is below comes first, for it explains what is
 * wrong above.
 */
#include "config.h"

#include "ctl/doctor.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/log.h"
#include "ctl/doctorconf.h"
#include "ctl/doctordns.h"
#include "ctl/doctorlists.h"
#include "ctl/doctorpostfix.h"
#include "ctl/doctorredis.h"
#include "ctl/doctorsendmail.h"
#include "ctl/doctorsocket.h"
#include "ctl/doctorsystem.h"
#include "ctl/machine.h"
#include "ctl/words.h"

static machine_fn *const themes[] = {
    doctorconf_look,
    doctordns_look,
    doctorlists_look,
    doctorredis_look,
    doctorsocket_look,
    doctorpostfix_look,
    doctorsendmail_look,
    doctorsystem_look,
};

#define THEMES (int)(sizeof(themes) / sizeof(themes[0]))

static bool
take_words(struct machine *m, char *const *word)
{
	const struct {
		const char *name, **value;
	} options[] = {
	    {"lists", &m->registry}, {"postfix", &m->postfix}, {"sendmail", &m->sendmail}};

	for (; *word != NULL && words_is_option(*word); word++) {
		size_t i = 0;

		while (i < sizeof(options) / sizeof(options[0]) &&
		    !words_is(*word, options[i].name))
			i++;
		if (i == sizeof(options) / sizeof(options[0]) ||
		    (*options[i].value = words_value(&word)) == NULL)
			return false;
	}
	if (*word != NULL)
		m->conf_path = *word++;
	return *word == NULL;
}

int
doctor_run(bool json, char *const *word)
{
	struct machine m = {
	    .conf_path = SYSCONFDIR "/relayguard.conf",
	    .registry = PKGDATADIR "/lists.conf",
	    .sendmail = "/etc/mail",
	    .findings.json = json,
	};

	if (!take_words(&m, word))
		return EX_USAGE;
	log_to_stream(fopen("/dev/null", "we")); /* what the daemon's parts would tell */
	progress_begin(&m.progress);
	machine_load(&m);
	for (int i = 0; i < THEMES; i++) {
		m.done = 100 * i / THEMES;
		machine_tick(&m);
		themes[i](&m);
	}
	progress_end(&m.progress);
	machine_free(&m);
	return findings_end(&m.findings);
}
