/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/newfile.c - rename(2) is what nobody sees half of. */
#include "config.h"

#include "ctl/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/strbuf.h"

/*
 * Whether it is ours alone: the file of that name still, of nobody else's, without another
 * name.  Who could write to the folder may have put it there.
 */
static bool
is_ours(int fd, const char *path)
{
	struct stat open_one, there;

	return fstat(fd, &open_one) == 0 && lstat(path, &there) == 0 &&
	    open_one.st_ino == there.st_ino && open_one.st_dev == there.st_dev &&
	    S_ISREG(open_one.st_mode) && open_one.st_nlink == 1 && open_one.st_uid == geteuid();
}

/*
 * Of a run that was ended it may be there still, but not locked: who has it locked is writing
 * it, and would rename what is ours.
 */
static FILE *
open_beside(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
	FILE *out = NULL;

	if (fd < 0)
		return NULL;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		if (!is_ours(fd, path))
			errno = EEXIST;
		else if (ftruncate(fd, 0) == 0)
			out = fdopen(fd, "w+");
	}
	if (out == NULL)
		close(fd);
	return out;
}

int
newfile_begin(struct newfile *f, const char *path)
{
	struct strbuf sb;

	f->path = path;
	strbuf_init(&sb, f->beside, sizeof(f->beside));
	strbuf_addf(&sb, "%s.new", path);
	errno = ENAMETOOLONG;
	if (!sb.cut && (f->out = open_beside(f->beside)) != NULL)
		return EX_OK;
	fprintf(stderr, "relayguardctl: %s: %s\n", f->beside,
	    errno == EWOULDBLOCK ? "somebody else is writing it just now" : strerror(errno));
	return errno == EWOULDBLOCK ? EX_TEMPFAIL : EX_CANTCREAT;
}

/* The name is on the disk when the folder is. */
static void
settle_folder(char *path)
{
	int fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

int
newfile_end(struct newfile *f, bool good)
{
	bool written = fflush(f->out) == 0 && !ferror(f->out) && fsync(fileno(f->out)) == 0;
	int error = errno;

	if (good && written && rename(f->beside, f->path) == 0) {
		(void)fclose(f->out); /* all of it is on the disk: only the lock ends */
		settle_folder(f->beside);
		return EX_OK;
	}
	if (good)
		fprintf(stderr, "relayguardctl: %s: %s\n", f->path,
		    strerror(written ? errno : error));
	(void)remove(f->beside);
	(void)fclose(f->out);
	return good ? EX_IOERR : EX_OK;
}
