/* SPDX-License-Identifier: BSD-2-Clause */
/* base/output.h - whether what a program prints on its standard output can be written.  Main
 * thread; blocks on it. */
#ifndef RELAYGUARD_BASE_OUTPUT_H
#define RELAYGUARD_BASE_OUTPUT_H

/* Write out what was printed so far.  Why it could not be is kept, for output_end(). */
void output_flush(void);

/* The same, at the end: the status, if all that was printed could be written; else EX_IOERR,
 * once that is said on stderr in the name of the program. */
int output_end(const char *program, int status);

#endif
