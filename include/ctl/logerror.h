/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/logerror.h - what is wrong with files of a log, on standard error.
 */
#ifndef RELAYGUARD_CTL_LOGERROR_H
#define RELAYGUARD_CTL_LOGERROR_H

#include "ctl/logmerge.h"

/* A file cannot be opened, as errno says, or memory is out (path is NULL); the status of
 * sysexits(3). */
int logerror_open(const char *path);

/* Say which files could not be read to their ends; EX_OK, or EX_DATAERR. */
int logerror_tell(const struct logmerge *);

#endif
