/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/folder.h - the folder of a file that is made, or given away, with root's rights.
 * Main thread.
 *
 * Who may write to a folder can put a link there to any file at all.  So root does not
 * follow a link that somebody else could have put there.
 */
#ifndef RELAYGUARD_OS_FOLDER_H
#define RELAYGUARD_OS_FOLDER_H

#include <stddef.h>
#include <sys/types.h>

#define FOLDER_NONE (-1)

/*
 * Open the folder of an absolute path, for openat(2) and its like alone; *name is the
 * rest of the path then.  Where we are not root, whose rights nobody can borrow, it is
 * AT_FDCWD and the path.  FOLDER_NONE: a sentence in why.
 */
int folder_open(const char *path, const char **name, char *why, size_t whysize);
void folder_close(int folder);

/*
 * Open a file to be written, and make it if it is not there.  -1: it is a link, no
 * file or one that has another name besides, or cannot be opened; a sentence in why.
 */
int folder_open_file(const char *path, mode_t mode, char *why, size_t whysize);

#endif
