/* SPDX-License-Identifier: BSD-2-Clause */
/* test_socketspec.c - socket specifications, in both orders, good and bad. */
#include "config.h"

#include "os/socketspec.h"

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

#define LONG_PATH                                                                                      \
	"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *text;
	const char *milter; /* NULL: refused */
	const char *postfix;
	const char *path;
} rows[] = {
    {"inet:8891@127.0.0.1", "inet:8891@127.0.0.1", "inet:127.0.0.1:8891", ""},
    {"inet:127.0.0.1:8891", "inet:8891@127.0.0.1", "inet:127.0.0.1:8891", ""},
    {"inet6:8891@[::1]", "inet6:8891@[::1]", "inet:[::1]:8891", ""},
    {"inet6:[::1]:8891", "inet6:8891@[::1]", "inet:[::1]:8891", ""},
    {"inet:[::1]:8891", "inet6:8891@[::1]", "inet:[::1]:8891", ""},
    {"inet:1@0.0.0.0", "inet:1@0.0.0.0", "inet:0.0.0.0:1", ""},
    {"inet:65535@127.0.0.1", "inet:65535@127.0.0.1", "inet:127.0.0.1:65535", ""},
    {"inet:0@127.0.0.1", NULL, NULL, NULL},
    {"inet:65536@127.0.0.1", NULL, NULL, NULL},
    {"inet:99999@127.0.0.1", NULL, NULL, NULL},
    {"inet:4294967297@127.0.0.1", NULL, NULL, NULL},
    {"inet:-1@127.0.0.1", NULL, NULL, NULL},
    {"inet:88x@127.0.0.1", NULL, NULL, NULL},
    {"inet:@127.0.0.1", NULL, NULL, NULL},
    {"inet:8891", NULL, NULL, NULL},
    {"inet:", NULL, NULL, NULL},
    {"inet:8891@localhost", NULL, NULL, NULL},
    {"inet:8891@", NULL, NULL, NULL},
    {"inet:8891@127.0.0.1.", NULL, NULL, NULL},
    {"unix:/run/relayguard/milter.sock", "unix:/run/relayguard/milter.sock",
	"unix:/run/relayguard/milter.sock", "/run/relayguard/milter.sock"},
    {"local:/run/m", "unix:/run/m", "unix:/run/m", "/run/m"},
    {"/run/m", "unix:/run/m", "unix:/run/m", "/run/m"},
    {"unix:/var/spool/postfix/relayguard/m", "unix:/var/spool/postfix/relayguard/m",
	"unix:relayguard/m", "/var/spool/postfix/relayguard/m"},
    {"unix://var//spool/postfix/./relayguard///m", "unix:/var/spool/postfix/relayguard/m",
	"unix:relayguard/m", "/var/spool/postfix/relayguard/m"},
    {"/var/spool/./postfix//m/", "unix:/var/spool/postfix/m", "unix:m", "/var/spool/postfix/m"},
    {"/run/.hidden/..m/m.", "unix:/run/.hidden/..m/m.", "unix:/run/.hidden/..m/m.",
	"/run/.hidden/..m/m."},
    {"/var/spool/../spool/postfix/m", NULL, NULL, NULL},
    {"/var/spool/postfix/..", NULL, NULL, NULL},
    {"/var/spool/postfix/", "unix:/var/spool/postfix", "unix:/var/spool/postfix",
	"/var/spool/postfix"},
    {"unix://./", NULL, NULL, NULL},
    {"unix:run/m", NULL, NULL, NULL},
    {"unix:/", NULL, NULL, NULL},
    {"unix:", NULL, NULL, NULL},
    {"unix:" LONG_PATH, NULL, NULL, NULL},
    {"fd:3", NULL, NULL, NULL},
    {"", NULL, NULL, NULL},
    {"8891", NULL, NULL, NULL},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct socketspec spec;
		char why[128] = "";
		bool good = socketspec_parse(&spec, rows[i].text, why, sizeof(why));

		ok(good == (rows[i].milter != NULL), "\"%s\" is %s", rows[i].text,
		    rows[i].milter != NULL ? "read" : "refused");
		if (rows[i].milter == NULL) {
			ok(why[0] != '\0', "\"%s\": says why", rows[i].text);
			continue;
		}
		same_str(spec.milter, rows[i].milter, rows[i].text);
		same_str(spec.postfix, rows[i].postfix, rows[i].text);
		same_str(spec.path, rows[i].path, rows[i].text);
	}
}

static void
test_poke(void)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char spec[64];

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(fd, (struct sockaddr *)&sin, len);
	getsockname(fd, (struct sockaddr *)&sin, &len);
	snprintf(spec, sizeof(spec), "inet:%d@127.0.0.1", ntohs(sin.sin_port));
	ok(!socketspec_poke(spec), "nobody listens");
	listen(fd, 1);
	ok(socketspec_poke(spec), "somebody listens");
	close(fd);
	ok(!socketspec_poke("unix:/nonexistent/socket"), "no such socket");
}

int
main(void)
{
	test_rows();
	test_poke();
	return done();
}
