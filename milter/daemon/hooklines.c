/* SPDX-License-Identifier: BSD-2-Clause */
/* daemon/hooklines.c - so that a fault of ours costs seconds, and mail goes on. */
#include "config.h"

#include "daemon/hooklines.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"

/* Whether a socket has a place that Postfix's chroot does not show. */
static bool
is_outside(const char *postfix)
{
	return strncmp(postfix, "unix:/", strlen("unix:/")) == 0;
}

void
hooklines_print(const struct conf *conf, const char *file)
{
	printf("%s is good.\nPostfix, in main.cf:\n\tsmtpd_milters = { %s, connect_timeout=3s, "
	       "command_timeout=10s, default_action=accept }\n",
	    file, conf->listen_postfix);
	if (conf->policy != NULL)
		printf("or, in the place of that:\n\tsmtpd_recipient_restrictions =\n"
		       "\t    permit_mynetworks, permit_sasl_authenticated,\n"
		       "\t    reject_unauth_destination,\n"
		       "\t    check_policy_service { %s, timeout=10s, default_action=DUNNO }\n",
		    conf->policy);
	if (is_outside(conf->listen_postfix) ||
	    (conf->policy != NULL && is_outside(conf->policy)))
		printf("An smtpd(8) in a chroot, as Debian's is, sees no socket outside of "
		       "/var/spool/postfix,\nand takes all mail unfiltered.\n");
}
