/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctorconf.c - what `relayguard -t` says when it is run as the user that the service
 * has: what root can read is no proof.
 */
#include "config.h"

#include "ctl/doctorconf.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "conf/conf.h"

#define OUTPUT_MAX 16384
#define PATIENCE_MS 15000 /* millions of networks take seconds */
#define WARNING ": warning: "

/* The program that is installed beside us; else the one in PATH. */
static const char *
find_daemon(char *out, size_t size)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct strbuf sb;

	strbuf_init(&sb, out, size);
	if (len > 0) {
		self[len] = '\0';
		strbuf_addf(&sb, "%s/relayguard", dirname(self));
		if (!sb.cut && access(out, X_OK) == 0)
			return out;
	}
	return "relayguard";
}

/* A line of -t each; how many there were. */
static unsigned
add_lines(struct machine *m, char *text, bool good)
{
	char *rest = text;
	unsigned n = 0;

	for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
		bool mild = strstr(line, WARNING) != NULL;

		if (line[0] == '\0' || (good && !mild))
			continue;
		n++;
		machine_add(m, mild ? FINDING_WARNING : FINDING_ERROR, "configuration",
		    mild
			? NULL
			: "mend that line: relayguard does not start with it, and a reload keeps "
			  "what it has",
		    "%s", line);
	}
	return n;
}

static void
look_at_text(struct machine *m)
{
	char program[PATH_MAX], out[OUTPUT_MAX];
	const char *const argv[] = {find_daemon(program, sizeof(program)), "-t", "-c",
	    m->conf_path, "-l", m->registry, NULL};
	const struct command_user self = {NULL, NULL};
	unsigned lines = 0;
	bool as_service = machine_is_root() && m->service.user != NULL;
	int status = command_run(argv, as_service ? &m->service : &self,
	    machine_until(m, PATIENCE_MS), out, sizeof(out));

	if (status == COMMAND_MISSING)
		machine_add(m, FINDING_ERROR, "configuration",
		    "install relayguard beside relayguardctl, or where PATH leads",
		    "%s cannot be run", argv[0]);
	else if (status == COMMAND_LATE)
		machine_add(m, FINDING_ERROR, "configuration",
		    "look for a folder that hangs, as on NFS", "%s -t takes longer than %d s",
		    argv[0], PATIENCE_MS / 1000);
	else if (status != EX_OK && !machine_is_root() && m->conf == NULL &&
	    strstr(out, "denied") != NULL)
		machine_add(m, FINDING_UNSEEN, "configuration", NULL, "%s: %s", m->conf_path,
		    MACHINE_NEEDS_ROOT);
	else if (status == EX_OK || status == EX_CONFIG)
		lines = add_lines(m, out, status == EX_OK);
	else
		machine_add(m, FINDING_ERROR, "configuration", NULL,
		    "%s -t ends with status %d: %s", argv[0], status, out);
	if (status != EX_OK || lines > 0)
		return;
	if (as_service || m->service.user == NULL)
		machine_add(m, FINDING_OK, "configuration", NULL, "%s is good%s%s",
		    m->conf_path, as_service ? ", and readable as " : "",
		    as_service ? m->service.user : "");
	else
		machine_add(m, FINDING_OK, "configuration", NULL,
		    "%s is good, and readable by who asks", m->conf_path);
}

/* --- Folders --- */

static int
can_make_files(const void *path)
{
	return access(path, W_OK | X_OK) == 0 ? 0 : 1;
}

/* Files that another user has made, as a daemon that was begun by root, are closed to the next. */
static int
can_use_files(const void *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool good = true;

	if (dir == NULL)
		return 0;
	while (good && (entry = readdir(dir)) != NULL)
		good = entry->d_name[0] == '.' ||
		    faccessat(dirfd(dir), entry->d_name, R_OK | W_OK, 0) == 0 ||
		    errno != EACCES;
	closedir(dir);
	return good ? 0 : 1;
}

static bool
service_can(const struct machine *m, int (*work)(const void *), const char *folder)
{
	return command_call(work, folder, &m->service, machine_until(m, PATIENCE_MS)) == 0;
}

/* files: those in it are the daemon's, too. */
static void
look_at_folder(
    struct machine *m, const char *word, const char *folder, bool by_root, bool files)
{
	struct stat st;

	if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode)) {
		machine_add(m, FINDING_ERROR, "folder",
		    "make it, and give it to the user that relayguard runs as; below /run, have "
		    "the service manager make it at each start (RuntimeDirectory=)",
		    "%s: there is no folder %s", word, folder);
		return;
	}
	if (by_root) {
		machine_add(m, FINDING_OK, "folder", NULL, "%s: %s is there", word, folder);
		return;
	}
	if (m->service.user == NULL || !machine_is_root()) {
		machine_add(m, FINDING_UNSEEN, "folder", NULL,
		    "%s: whether relayguard may write to %s: %s", word, folder,
		    m->service.user == NULL ? "its user is not known" : MACHINE_NEEDS_ROOT);
		return;
	}
	if (!service_can(m, can_make_files, folder))
		machine_add(m, FINDING_ERROR, "folder",
		    "give it to that user, or its group with mode 0770",
		    "%s: user %s cannot make files in %s", word, m->service.user, folder);
	else if (files && !service_can(m, can_use_files, folder))
		machine_add(m, FINDING_ERROR, "folder",
		    "stop relayguard, chown -R the folder to that user, and start it as that "
		    "user: it has run as another one",
		    "%s: user %s cannot write to files in %s", word, m->service.user, folder);
	else
		machine_add(
		    m, FINDING_OK, "folder", NULL, "%s: %s can be written to", word, folder);
}

/* Where relayguard begins as root, root makes the sockets and the pid file. */
static void
look_at_parent(struct machine *m, const char *word, const char *path)
{
	char copy[PATH_MAX];

	if (path != NULL && strbuf_copy(copy, sizeof(copy), path))
		look_at_folder(m, word, dirname(copy), m->conf->user != NULL, false);
}

/* Sections without which mail is judged, and nobody can look into it later. */
static void
look_at_sections(struct machine *m)
{
	if (m->conf->control.socket == NULL && access(MACHINE_SYSTEMD_SOCKET, F_OK) != 0)
		machine_add(m, FINDING_WARNING, "control",
		    "write: control { socket = \"/run/relayguard/control.sock\" }, and restart "
		    "relayguard",
		    "control: there is none: relayguardctl can ask nothing");
	if (m->conf->store.path == NULL)
		machine_add(m, FINDING_WARNING, "store",
		    "write: store { path = \"/var/lib/relayguard\" }, and restart relayguard",
		    "store: there is none: no reference can be explained");
}

void
doctorconf_look(struct machine *m)
{
	const struct conf *conf = m->conf;

	look_at_text(m);
	if (conf == NULL) {
		machine_add(m, FINDING_UNSEEN, "folder", NULL, MACHINE_NEEDS_CONF);
		return;
	}
	look_at_sections(m);
	look_at_parent(m, "listen", conf->listen_path);
	look_at_parent(m, "pid_file", conf->pid_file);
	look_at_parent(m, "control", conf->control.socket);
	look_at_parent(m, "control-status", conf->control.status);
	look_at_parent(m, "control-page", conf->control.page);
	if (conf->store.path != NULL)
		look_at_folder(m, "store", conf->store.path, false, true);
}
