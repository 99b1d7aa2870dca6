/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/erasure.h - the decisions about one client are taken out of the file of a day, so that
 * no byte of them stays there.  Blocks on files; any thread.  Whoever writes the file goes
 * on meanwhile.
 */
#ifndef RELAYGUARD_STORE_ERASURE_H
#define RELAYGUARD_STORE_ERASURE_H

#include <stdbool.h>

/* Erases what is kept of a decision elsewhere; false: it could not. */
typedef bool erasure_elsewhere(void *arg, const char *ref);

/*
 * Erase the rows of a client, by its address as lines have it; how many there were goes to
 * rows.  False: not all could be, or bytes of them are left, and *error says, in words that
 * stay, why.  A day that has no file has none.  Each is erased elsewhere before (NULL:
 * nowhere): a row that stays leads there still.
 */
bool erasure_run(const char *folder, int day, const char *address, erasure_elsewhere *elsewhere,
    void *arg, unsigned *rows, const char **error);

#endif
