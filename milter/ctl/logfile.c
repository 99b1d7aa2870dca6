/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/logfile.c - lines out of a buffer that zlib fills: it passes on as it is what is not
 * compressed.
 */
#include "config.h"

#include "ctl/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BUFFER_SIZE (64 * 1024)

struct logfile {
	gzFile gz;
	int64_t size;
	size_t begin, end; /* of what is in the buffer, and not given away */
	bool skipping;     /* the rest of a line that is too long */
	bool begun, ended;
	const char *error;            /* or NULL */
	char buffer[BUFFER_SIZE + 1]; /* with the NUL of a last line */
};

static int
open_fd(const char *path)
{
	if (strcmp(path, "-") == 0)
		return dup(STDIN_FILENO);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* What zlib reads from the descriptor, and the size of it; false: errno says why not. */
static bool
open_gz(struct logfile *file, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return false;
	}
	file->size = S_ISREG(st.st_mode) ? st.st_size : 0;
	errno = ENOMEM;
	return (file->gz = gzdopen(fd, "rb")) != NULL;
}

struct logfile *
logfile_open(const char *path)
{
	struct logfile *file = calloc(1, sizeof(*file));
	int fd, error;

	if (file == NULL)
		return NULL;
	if ((fd = open_fd(path)) >= 0 && open_gz(file, fd)) {
		(void)gzbuffer(file->gz, BUFFER_SIZE);
		return file;
	}
	error = errno;
	if (fd >= 0)
		close(fd);
	free(file);
	errno = error;
	return NULL;
}

void
logfile_close(struct logfile *file)
{
	if (file == NULL)
		return;
	(void)gzclose_r(file->gz);
	free(file);
}

/* Whether the file is compressed in a way that zlib would pass on as text. */
static bool
is_unknown(const struct logfile *file)
{
	/* Octal, as a hexadecimal escape would take the 7 that follows. */
	static const char *const magic[] = {"\3757zXZ", "\050\265\057\375", "BZh"};

	for (size_t i = 0; i < sizeof(magic) / sizeof(magic[0]); i++)
		if (file->end >= strlen(magic[i]) &&
		    memcmp(file->buffer, magic[i], strlen(magic[i])) == 0)
			return true;
	return false;
}

/* End the file before its end. */
static void
give_up(struct logfile *file, const char *why)
{
	file->ended = true;
	file->error = why;
	file->begin = file->end;
}

/* Read more behind what is there. */
static void
fill(struct logfile *file)
{
	int error = Z_OK, n;

	memmove(file->buffer, file->buffer + file->begin, file->end - file->begin);
	file->end -= file->begin;
	file->begin = 0;
	n = gzread(file->gz, file->buffer + file->end, (unsigned)(BUFFER_SIZE - file->end));
	if (n > 0) {
		file->end += (size_t)n;
		if (!file->begun && is_unknown(file))
			give_up(file, "is compressed, but not by gzip");
		file->begun = true;
		return;
	}
	/* Where a compressed file is cut, some of it was given before. */
	(void)gzerror(file->gz, &error);
	if (n < 0 || error != Z_OK)
		file->error = error == Z_ERRNO ? "cannot be read" : "is cut or damaged";
	file->ended = true;
}

/* The bytes up to the end of a line, which is taken too; NULL: it is not there yet. */
static char *
take_line(struct logfile *file)
{
	char *line = file->buffer + file->begin;
	char *end = memchr(line, '\n', file->end - file->begin);

	if (end == NULL) {
		if (!file->ended || file->begin == file->end)
			return NULL;
		end = file->buffer + file->end++; /* a last line without its end */
	}
	*end = '\0';
	file->begin = (size_t)(end + 1 - file->buffer);
	return line;
}

char *
logfile_next(struct logfile *file)
{
	for (;;) {
		char *line = take_line(file);

		if (line != NULL) {
			bool whole = !file->skipping &&
			    file->buffer + file->begin - line <= LOGFILE_LINE_MAX;

			file->skipping = false;
			if (whole)
				return line;
			continue;
		}
		if (file->ended)
			return NULL;
		if (file->end - file->begin >= LOGFILE_LINE_MAX) {
			file->skipping = true;
			file->begin = file->end;
		}
		fill(file);
	}
}

const char *
logfile_error(const struct logfile *file)
{
	return file->error;
}

int64_t
logfile_size(const struct logfile *file)
{
	return file->size;
}

int64_t
logfile_offset(const struct logfile *file)
{
	return gzoffset(file->gz);
}
