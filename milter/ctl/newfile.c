/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/newfile.c - rename(2) is what nobody sees half of. */
#include "config.h"

#include "ctl/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/strbuf.h"

int
newfile_begin(struct newfile *f, const char *path)
{
	struct strbuf sb;

	f->path = path;
	strbuf_init(&sb, f->beside, sizeof(f->beside));
	strbuf_addf(&sb, "%s.new", path);
	(void)remove(f->beside); /* of a run that was ended; "x" follows no link */
	errno = ENAMETOOLONG;
	if (!sb.cut && (f->out = fopen(f->beside, "w+xe")) != NULL)
		return EX_OK;
	fprintf(stderr, "relayguardctl: %s: %s\n", f->beside, strerror(errno));
	return EX_CANTCREAT;
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
	bool written =
	    fflush(f->out) == 0 && !ferror(f->out) && (!good || fsync(fileno(f->out)) == 0);

	written = fclose(f->out) == 0 && written;
	if (good && written && rename(f->beside, f->path) == 0) {
		settle_folder(f->beside);
		return EX_OK;
	}
	if (good)
		fprintf(stderr, "relayguardctl: %s: %s\n", f->path, strerror(errno));
	(void)remove(f->beside);
	return good ? EX_IOERR : EX_OK;
}
