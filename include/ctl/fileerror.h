/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/fileerror.h - why a file cannot be read, on standard error.
 */
#ifndef RELAYGUARD_CTL_FILEERROR_H
#define RELAYGUARD_CTL_FILEERROR_H

/* A file or folder cannot be opened, as errno says, or memory is out (path is NULL); the
 * status of sysexits(3). */
int fileerror_open(const char *path);

#endif
