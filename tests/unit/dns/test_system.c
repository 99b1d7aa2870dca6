/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_dnssystem.c - the servers of this machine, and a file that others write anew.
 */
#include "config.h"

#include "dns/system.h"

#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dns/server.h"
#include "tap.h"

static char directory[] = "/tmp/relayguard.XXXXXX";
static char path[64], other[64];

static void
put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	if (!ok(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0, "a file is written"))
		exit(done());
}

static void
changed(struct dnssystem_file *file, bool first, bool second, const char *label)
{
	same_num(dnssystem_changed(file, path), first, label);
	same_num(dnssystem_changed(file, path), second, label);
	same_num(dnssystem_changed(file, path), false, label);
}

static void
test_changes(void)
{
	struct dnssystem_file file;

	put(path, "nameserver 192.0.2.1\n");
	dnssystem_note(&file, path);
	changed(&file, false, false, "as it was");
	put(path, "nameserver 192.0.2.22\n");
	changed(&file, false, true, "written over");
	put(other, "nameserver 192.0.2.33\n");
	same_num(rename(other, path), 0, "replaced");
	changed(&file, false, true, "replaced");
	put(path, "");
	changed(&file, false, false, "empty");
	unlink(path);
	changed(&file, false, false, "gone");
	put(path, "nameserver 192.0.2.44 \n");
	changed(&file, false, true, "there again");
	put(path, "nameserver 192.0.2\n");
	same_num(dnssystem_changed(&file, path), false, "half of it");
	put(path, "nameserver 192.0.2.55\nnameserver 192.0.2.5\n");
	changed(&file, false, true, "all of it");
	unlink(path);
	dnssystem_note(&file, path);
	changed(&file, false, false, "none at the start");
	put(path, "nameserver 192.0.2.66\n");
	changed(&file, false, true, "and one later");
}

/* Whatever this machine has: each can be asked. */
static void
test_servers(void)
{
	char *text = dnssystem_servers(), *rest = NULL, *one;

	if (!ok(text != NULL && text[0] != '\0', "this machine has servers"))
		return;
	for (one = strtok_r(text, ",", &rest); one != NULL; one = strtok_r(NULL, ",", &rest)) {
		struct sockaddr_storage address;

		ok(dnsserver_socket(&address, one) > 0, "%s", one);
	}
	free(text);
}

int
main(void)
{
	if (!ok(mkdtemp(directory) != NULL, "a directory"))
		return done();
	snprintf(path, sizeof(path), "%s/resolv.conf", directory);
	snprintf(other, sizeof(other), "%s/new", directory);
	test_changes();
	test_servers();
	unlink(path);
	rmdir(directory);
	return done();
}
