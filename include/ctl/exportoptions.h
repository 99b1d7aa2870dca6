/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/exportoptions.h - the words of relayguardctl export, and what they come to.  One thread;
 * blocks on files, and while the name of this machine is looked up.
 */
#ifndef RELAYGUARD_CTL_EXPORTOPTIONS_H
#define RELAYGUARD_CTL_EXPORTOPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/setting.h"
#include "ctl/storelog.h"
#include "own/exportformat.h"

struct conf;

/* All texts are borrowed; NULL: not given. */
struct export_options {
	bool json, write, diff, force, wide, deny;
	const struct export_format *format;
	const char *out, *check; /* files */
	char *const *logs;       /* of mail; a NULL ends them */
	const char *max, *life, *age, *reasons, *from, *keep, *name, *contact, *url, *ns, *to;
	struct storelog_place place;
};

/* A format, options on either side of it, and files of logs.  False: one is wrong, which is
 * said on stderr. */
bool exportoptions_take(struct export_options *, char *const *word);

struct export_settings {
	const struct export_options *o; /* borrowed */
	struct export_document doc;     /* but for its list, and its times */
	int64_t life, age; /* of the file, and of what is in it at least, seconds */
	unsigned reasons;  /* bits */
	char host[SETTING_DOMAIN_MAX + 1], contact[EXPORT_CONTACT_MAX + 1];
	char names[EXPORT_SERVERS_MAX * (SETTING_DOMAIN_MAX + 1)];
};

/* What they come to, with the configuration, which the settings borrow from.  False: as above. */
bool exportoptions_read(
    struct export_settings *, const struct export_options *, const struct conf *);

#endif
