/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/database.h - a SQLite file of ours: how it is made, opened and set aside, and what
 * SQLite's results come to.  Blocks on files.
 */
#ifndef RELAYGUARD_STORE_DATABASE_H
#define RELAYGUARD_STORE_DATABASE_H

#include <stdbool.h>
#include <sys/types.h>

struct sqlite3;

enum database_fault {
	DATABASE_GOOD,
	DATABASE_FULL,    /* the disk */
	DATABASE_CORRUPT, /* it is no such file, or no more */
	DATABASE_FAILED   /* anything else */
};

/* What a result of SQLite's comes to; of a fault *error says why, in words that stay. */
enum database_fault database_fault(int code, const char **error);

#define DATABASE_BUSY_MS 2000 /* for who else has the file, as sqlite3(1) has it */

/*
 * Open the file at a path, or memory alone (":memory:"), with these flags of SQLite's, for one thread at a time.  One that is
 * made is not for everybody to read, whatever the umask is.  A result of SQLite's; *db is to
 * be closed by sqlite3_close() whatever it is.
 */
int database_open(const char *path, int flags, struct sqlite3 **db);

/* Begin a transaction; and end it, for good, or making nothing of all, which is also what a
 * commit that fails comes to.  Results of SQLite's. */
int database_begin(struct sqlite3 *);
int database_commit(struct sqlite3 *);
void database_roll_back(struct sqlite3 *);

/* Which file it is, whatever its name. */
struct database_file {
	dev_t dev;
	ino_t ino;
};

/* Find the file at a path; false: there is none. */
bool database_identify(const char *path, struct database_file *);
bool database_file_equal(const struct database_file *, const struct database_file *);

/* Rename a file that is none any more to PATH.corrupt, for somebody to look at. */
void database_set_aside(const char *path);

/* The path of what stands beside a file of ours (out of PATH_MAX bytes); false: too long. */
bool database_beside(const char *path, const char *ending, char *out);

#endif
