/* SPDX-License-Identifier: BSD-2-Clause */
/* store/database.c - what all our SQLite files have in common. */
#include "config.h"

#include "store/database.h"

#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"

#define FILE_MODE 0640

enum database_fault
database_fault(int code, const char **error)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return DATABASE_GOOD;
	case SQLITE_FULL:
		*error = sqlite3_errstr(code);
		return DATABASE_FULL;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* another table has the name */
		*error = sqlite3_errstr(code);
		return DATABASE_CORRUPT;
	default:
		*error = sqlite3_errstr(code);
		return DATABASE_FAILED;
	}
}

/* Make a file that not everybody may read, whatever the umask is: SQLite would; what it puts
 * beside it has the same mode. */
static void
make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);

	if (fd >= 0)
		close(fd);
}

int
database_open(const char *path, int flags, struct sqlite3 **db)
{
	int code;

	if ((flags & SQLITE_OPEN_CREATE) != 0 && path[0] != ':')
		make_file(path);
	code = sqlite3_open_v2(path, db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_busy_timeout(*db, DATABASE_BUSY_MS);
	return code;
}

int
database_begin(struct sqlite3 *db)
{
	return sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
}

int
database_commit(struct sqlite3 *db)
{
	int code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);

	if (code != SQLITE_OK)
		database_roll_back(db);
	return code;
}

void
database_roll_back(struct sqlite3 *db)
{
	(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

bool
database_identify(const char *path, struct database_file *file)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	*file = (struct database_file){st.st_dev, st.st_ino};
	return true;
}

bool
database_file_equal(const struct database_file *a, const struct database_file *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

bool
database_beside(const char *path, const char *ending, char *out)
{
	struct strbuf sb;

	strbuf_init(&sb, out, PATH_MAX);
	strbuf_add(&sb, path);
	strbuf_add(&sb, ending);
	return !sb.cut;
}

void
database_set_aside(const char *path)
{
	char beside[PATH_MAX];

	if (database_beside(path, "-wal", beside))
		(void)unlink(beside);
	if (database_beside(path, "-shm", beside))
		(void)unlink(beside);
	if (!database_beside(path, ".corrupt", beside) || rename(path, beside) != 0)
		(void)unlink(path);
}
