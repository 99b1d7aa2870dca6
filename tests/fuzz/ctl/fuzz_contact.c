/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_contact.c - what registries, databases and files say of whom to write to: whatever comes
 * of it is a mailbox that a shell and a terminal take for no more, and a network with the
 * address in it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "ctl/rdap.h"
#include "ctl/sightings.h"
#include "fuzz/fuzz.h"

#define TEXT_MAX 65536

static void
check_list(struct contactlist *list)
{
	MUST(list->n <= CONTACTLIST_MAX);
	contactlist_sort(list);
	for (size_t i = 0; i < list->n; i++) {
		const char *at = list->contact[i].address;

		MUST(strchr(at, '@') != NULL && at[0] != '-' && at[0] != '@');
		for (; *at != '\0'; at++)
			MUST(ascii_is_alnum(*at) || strchr("._+-=@", *at) != NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ipaddr address = {32, {41, 1, 2, 3}};
	static struct contactlist list;
	static struct sightings seen;
	struct input in = {data, size};
	char url[RDAP_URL_SIZE];
	struct network net;
	char *text = input_text(&in, TEXT_MAX);

	list = (struct contactlist){0};
	(void)rdap_read(text, &address, 1, &list, &net);
	MUST(ipaddr_within(&address, &net.addr, net.len));
	contactlist_add_text(&list, text, &(struct contact){.source = CONTACT_ABUSIX});
	check_list(&list);
	if (rdap_url(text, &address, url))
		MUST(strstr(url, "ip/41.1.2.3") != NULL && strchr(url, ' ') == NULL);
	seen = (struct sightings){0};
	(void)sightings_take(&seen, text);
	MUST(seen.nhits <= SIGHTINGS_HITS_MAX && sightings_times(&seen) >= 0);
	free(text);
	return 0;
}
