/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctor.c - the order of the themes: what is below comes first, for it explains what is
 * wrong above.
 */
#include "config.h"

#include "ctl/doctor.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ctl/doctorconf.h"
#include "ctl/doctorpostfix.h"
#include "ctl/doctorredis.h"
#include "ctl/machine.h"

static machine_fn *const themes[] = {
    doctorconf_look,
    doctorpostfix_look,
    doctorredis_look,
};

#define THEMES (int)(sizeof(themes) / sizeof(themes[0]))

/* Take "--name value" or "--name=value"; false: it is another one, or has no value. */
static bool
take_option(char *const **word, const char *name, const char **value)
{
	size_t len = strlen(name);

	if (strncmp(**word, name, len) != 0)
		return false;
	if ((**word)[len] == '=')
		*value = **word + len + 1;
	else if ((**word)[len] == '\0' && (*word)[1] != NULL)
		*value = *++*word;
	else
		return false;
	return true;
}

static bool
take_words(struct machine *m, char *const *word)
{
	for (; *word != NULL && strncmp(*word, "--", 2) == 0; word++)
		if (!take_option(&word, "--lists", &m->registry) &&
		    !take_option(&word, "--postfix", &m->postfix) &&
		    !take_option(&word, "--sendmail", &m->sendmail))
			return false;
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
