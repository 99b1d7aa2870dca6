/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/mempage.c - records of addresses, packed.  An address costs a directory's entry of
 * 4 bytes, 10 more, its own 4 or 16, and 6 for each list, with 4 for each code.
 */
#include "config.h"

#include "lookup/mempage.h"

#include <assert.h>
#include <string.h>

/* A place in the directory; the first record is the last one in the page. */
struct slot {
	uint16_t tag;
	uint16_t at; /* in body */
};

/* A record: this, the bytes of the address, and its facts one after the other. */
struct head {
	uint8_t bits; /* of the address */
	uint8_t unused;
	uint16_t size;
	uint16_t base[2]; /* seconds of clock_ms(), from which its facts count milliseconds */
	uint16_t end;     /* of the fact that lives longest, in seconds from there */
};

/* A fact: this, and its codes.  Bits of the lower halves first. */
struct kept {
	uint16_t list;    /* the id, its two highest bits moved down */
	uint16_t rest[2]; /* state: 2 bits, number of codes: 4, milliseconds from base to its
			   * end: 26, 0: it has ended */
};

_Static_assert(
    sizeof(struct slot) == 4 && sizeof(struct head) == 10 && sizeof(struct kept) == 6,
    "records are packed");
_Static_assert(sizeof(struct mempage) == MEMPAGE_BYTES, "a page is whole cache lines");

#define LIFE_MAX INT64_C(65000000) /* milliseconds that a fact can be from its base */
#define LIFE_MEANT 30000           /* seconds from the base to the first fact's end */
#define FLAGS 0xc0000000U          /* of ids: what is no list's own fact */

static bool
number_of(uint32_t list_id, uint16_t *number)
{
	*number = (uint16_t)((list_id & FLAGS) >> 16 | (list_id & (MEMPAGE_IDS - 1)));
	return (list_id & ~FLAGS) < MEMPAGE_IDS;
}

static struct slot
slot_get(const struct mempage *p, unsigned record)
{
	struct slot slot;

	memcpy(&slot, p->body + record * sizeof(slot), sizeof(slot));
	return slot;
}

static void
slot_set(struct mempage *p, unsigned record, const struct slot *slot)
{
	memcpy(p->body + record * sizeof(*slot), slot, sizeof(*slot));
}

static struct head
head_get(const struct mempage *p, size_t at)
{
	struct head head;

	memcpy(&head, p->body + at, sizeof(head));
	return head;
}

static void
head_set(struct mempage *p, size_t at, const struct head *head)
{
	memcpy(p->body + at, head, sizeof(*head));
}

static uint32_t
base_of(const struct head *head)
{
	return head->base[0] | (uint32_t)head->base[1] << 16;
}

/* Of IPv4 4 bytes; of a name as many as of IPv6. */
static size_t
key_size(uint8_t bits)
{
	return bits == 32 ? 4 : 16;
}

static size_t
facts_at(const struct head *head)
{
	return sizeof(*head) + key_size(head->bits);
}

/* The facts of a record, one after the other. */
struct cursor {
	const unsigned char *at, *end;
	int64_t base; /* in milliseconds */
	size_t size;  /* of the fact that it is at, and its own words */
	uint32_t rest;
	uint16_t list;
};

static struct cursor
cursor_of(const struct mempage *p, unsigned record)
{
	const unsigned char *at = p->body + slot_get(p, record).at;
	struct head head;

	memcpy(&head, at, sizeof(head));
	return (struct cursor){.at = at + facts_at(&head),
	    .end = at + head.size,
	    .base = (int64_t)base_of(&head) * 1000};
}

static unsigned
ncodes_of(uint32_t rest)
{
	return rest >> 2 & 15;
}

static size_t
size_of(unsigned ncodes)
{
	return sizeof(struct kept) + ncodes * sizeof(uint32_t);
}

/* Go to the next fact. */
static bool
cursor_next(struct cursor *c)
{
	struct kept kept;

	c->at += c->size;
	if (c->at >= c->end)
		return false;
	memcpy(&kept, c->at, sizeof(kept));
	c->list = kept.list;
	c->rest = kept.rest[0] | (uint32_t)kept.rest[1] << 16;
	c->size = size_of(ncodes_of(c->rest));
	return true;
}

static bool
cursor_seek(struct cursor *c, uint16_t list)
{
	while (cursor_next(c))
		if (c->list == list)
			return true;
	return false;
}

static int64_t
expires(const struct cursor *c)
{
	return c->rest >> 6 != 0 ? c->base + (c->rest >> 6) : 0;
}

static void
cursor_read(const struct cursor *c, struct fact *fact)
{
	unsigned ncodes = ncodes_of(c->rest);

	*fact = (struct fact){.state = c->rest & 3,
	    .source = FACT_FROM_MEMORY,
	    .ncodes = (uint8_t)ncodes,
	    .expires = expires(c)};
	memcpy(fact->code, c->at + sizeof(struct kept), ncodes * sizeof(fact->code[0]));
}

static size_t
place_of(const struct mempage *p, const struct cursor *c)
{
	return (size_t)(c->at - p->body);
}

static void
write_fact(struct mempage *p, size_t at, uint16_t list, const struct fact *fact, int64_t base)
{
	int64_t left = fact->expires - base;
	uint32_t rest = (uint32_t)fact->state | (uint32_t)fact->ncodes << 2;
	struct kept kept;

	if (left > 0) /* sooner, if it is too far */
		rest |= (uint32_t)(left < LIFE_MAX ? left : LIFE_MAX - 1) << 6;
	kept = (struct kept){list, {(uint16_t)rest, (uint16_t)(rest >> 16)}};
	memcpy(p->body + at, &kept, sizeof(kept));
	memcpy(p->body + at + sizeof(kept), fact->code, fact->ncodes * sizeof(fact->code[0]));
}

void
mempage_prefetch(const struct mempage *p)
{
	for (size_t at = 0; at < 3 * MEMPAGE_LINE; at += MEMPAGE_LINE)
		__builtin_prefetch((const unsigned char *)p + at);
}

unsigned
mempage_find(const struct mempage *p, uint16_t tag, const struct ipaddr *addr)
{
	for (unsigned i = 0; i < p->records; i++) {
		struct slot slot = slot_get(p, i);

		if (slot.tag != tag)
			continue;
		__builtin_prefetch(p->body + slot.at + MEMPAGE_LINE);
		if (p->body[slot.at] == addr->bits &&
		    memcmp(p->body + slot.at + sizeof(struct head), addr->byte,
			key_size(addr->bits)) == 0)
			return i;
	}
	return MEMPAGE_NONE;
}

/* The wanted list that has that number; they come in the same order, mostly. */
static unsigned
find_list(const struct roster *roster, listset wanted, uint16_t number, unsigned *next)
{
	for (unsigned k = 0; k < roster->n; k++) {
		unsigned i = *next + k < roster->n ? *next + k : *next + k - roster->n;

		if (listset_has(wanted, i) && roster->list[i]->id == number) {
			*next = i + 1 < roster->n ? i + 1 : 0;
			return i;
		}
	}
	return LISTS_MAX;
}

listset
mempage_read(const struct mempage *p, unsigned record, const struct roster *roster,
    listset wanted, int64_t now, struct fact *facts)
{
	struct cursor c = cursor_of(p, record);
	listset found = 0;
	unsigned next = 0, i;

	while (cursor_next(&c)) {
		if (expires(&c) <= now || c.list >= MEMPAGE_IDS ||
		    (i = find_list(roster, wanted, c.list, &next)) == LISTS_MAX)
			continue;
		cursor_read(&c, &facts[i]);
		found |= (listset)1 << i;
	}
	return found;
}

bool
mempage_read_one(const struct mempage *p, unsigned record, uint32_t list_id, struct fact *fact)
{
	struct cursor c = cursor_of(p, record);
	uint16_t number;

	if (!number_of(list_id, &number) || !cursor_seek(&c, number))
		return false;
	cursor_read(&c, fact);
	return true;
}

/* Where the lowest record begins. */
static size_t
top(const struct mempage *p)
{
	return sizeof(p->body) - p->used;
}

/*
 * Make a record longer by n bytes, behind its own byte "at" (in body), or shorter, before it:
 * what lies below it moves.  There is room.
 */
static void
stretch(struct mempage *p, unsigned record, size_t at, int n)
{
	size_t from = top(p), to = from - (size_t)n;

	memmove(p->body + to, p->body + from, at - from);
	if (n < 0)
		memset(p->body + from, 0, to - from);
	for (unsigned i = record; i < p->records; i++) {
		struct slot slot = slot_get(p, i);

		slot.at = (uint16_t)(slot.at - n);
		slot_set(p, i, &slot);
	}
	p->used = (uint16_t)(p->used + n);
}

static unsigned
count_facts(const struct mempage *p, unsigned record)
{
	struct cursor c = cursor_of(p, record);
	unsigned n = 0;

	while (cursor_next(&c))
		n++;
	return n;
}

void
mempage_erase(struct mempage *p, unsigned record)
{
	struct slot gone = slot_get(p, record), none = {0};
	int size = head_get(p, gone.at).size;

	p->facts = (uint16_t)(p->facts - count_facts(p, record));
	for (unsigned i = record; i + 1U < p->records; i++) {
		struct slot next = slot_get(p, i + 1);

		slot_set(p, i, &next);
	}
	slot_set(p, --p->records, &none);
	stretch(p, record, gone.at, -size);
}

/* The record that ends first, but for one of them. */
static unsigned
find_first(const struct mempage *p, unsigned but)
{
	unsigned best = MEMPAGE_NONE;
	uint32_t end = 0;

	for (unsigned i = 0; i < p->records; i++) {
		struct head head = head_get(p, slot_get(p, i).at);
		uint32_t its = base_of(&head) + head.end;

		if (i != but && (best == MEMPAGE_NONE || its < end)) {
			best = i;
			end = its;
		}
	}
	return best;
}

/* Have room for so many bytes beside a record, which may move; false: there cannot be. */
static bool
make_room(struct mempage *p, unsigned *record, size_t bytes)
{
	while (top(p) < p->records * sizeof(struct slot) + bytes) {
		unsigned gone = find_first(p, *record);

		if (gone == MEMPAGE_NONE)
			return false;
		mempage_erase(p, gone);
		if (*record != MEMPAGE_NONE && gone < *record)
			(*record)--;
	}
	return true;
}

/* Add a record without facts; false: there is no room. */
static bool
add_record(struct mempage *p, uint16_t tag, const struct ipaddr *addr, unsigned *record)
{
	struct head head = {.bits = addr->bits};
	struct slot slot = {.tag = tag};
	size_t size = facts_at(&head);

	*record = MEMPAGE_NONE;
	if (!make_room(p, record, sizeof(slot) + size))
		return false;
	head.size = (uint16_t)size;
	p->used = (uint16_t)(p->used + size);
	slot.at = (uint16_t)top(p);
	head_set(p, slot.at, &head);
	memcpy(p->body + slot.at + sizeof(head), addr->byte, key_size(addr->bits));
	*record = p->records++;
	slot_set(p, *record, &slot);
	return true;
}

/* Count from another base.  What ends before that has ended: no fact lives as long as there is
 * from there to the fact that is put now. */
static void
move_base(struct mempage *p, unsigned record, uint32_t base)
{
	struct cursor c = cursor_of(p, record);
	struct slot slot = slot_get(p, record);
	struct head head = head_get(p, slot.at);
	int64_t from = (int64_t)base * 1000;

	while (cursor_next(&c)) {
		struct fact fact;

		cursor_read(&c, &fact);
		write_fact(p, place_of(p, &c), c.list, &fact, from);
	}
	head.base[0] = (uint16_t)base;
	head.base[1] = (uint16_t)(base >> 16);
	head_set(p, slot.at, &head);
}

/* Have a base from which the time can be counted. */
static int64_t
fit_base(struct mempage *p, unsigned record, int64_t expires)
{
	int64_t seconds = expires / 1000 - LIFE_MEANT;
	struct head head = head_get(p, slot_get(p, record).at);
	int64_t base = (int64_t)base_of(&head) * 1000;

	if (expires >= base && expires < base + LIFE_MAX &&
	    (base != 0 || expires < LIFE_MEANT * 1000))
		return base;
	move_base(p, record, seconds > 0 ? (uint32_t)seconds : 0);
	return seconds > 0 ? seconds * 1000 : 0;
}

/* When its last fact ends. */
static void
note_end(struct mempage *p, unsigned record)
{
	struct slot slot = slot_get(p, record);
	struct head head = head_get(p, slot.at);
	struct cursor c = cursor_of(p, record);
	int64_t end = c.base;

	while (cursor_next(&c))
		if (expires(&c) > end)
			end = expires(&c);
	head.end = (uint16_t)((end - c.base + 999) / 1000);
	head_set(p, slot.at, &head);
}

static void
resize(struct mempage *p, unsigned record, size_t at, int n)
{
	struct slot slot;
	struct head head;

	stretch(p, record, at, n);
	slot = slot_get(p, record);
	head = head_get(p, slot.at);
	head.size = (uint16_t)(head.size + n);
	head_set(p, slot.at, &head);
}

/* Take a list's fact out of a record, if it is of another size; where one of that size is,
 * or 0. */
static size_t
take_out(struct mempage *p, unsigned record, uint16_t number, size_t size)
{
	struct cursor c = cursor_of(p, record);

	if (!cursor_seek(&c, number))
		return 0;
	if (c.size == size)
		return place_of(p, &c);
	p->facts--;
	resize(p, record, place_of(p, &c), -(int)c.size);
	return 0;
}

/* Where a new fact of that size is written, at the end of a record; 0: there is no room. */
static size_t
add_fact(struct mempage *p, unsigned *record, size_t size)
{
	struct cursor c;
	size_t end;

	if (!make_room(p, record, size))
		return 0;
	c = cursor_of(p, *record);
	end = (size_t)(c.end - p->body);
	resize(p, *record, end, (int)size);
	p->facts++;
	return end - size;
}

/* Put a fact, if it can be kept, in the record of an address, which is made if there is none. */
static void
put_fact(struct mempage *p, uint16_t tag, const struct ipaddr *addr, unsigned *record,
    uint32_t list_id, const struct fact *fact)
{
	size_t size = size_of(fact->ncodes), at;
	uint16_t number;
	int64_t base;

	assert(fact->ncodes <= FACT_CODES);
	if (fact->state == FACT_UNKNOWN || !number_of(list_id, &number) || fact->expires < 0 ||
	    fact->expires / 1000 >= UINT32_MAX)
		return;
	if (*record == MEMPAGE_NONE && !add_record(p, tag, addr, record))
		return;
	base = fit_base(p, *record, fact->expires);
	at = take_out(p, *record, number, size);
	if (at == 0)
		at = add_fact(p, record, size);
	if (at != 0)
		write_fact(p, at, number, fact, base);
}

void
mempage_put(struct mempage *p, uint16_t tag, const struct ipaddr *addr, uint32_t list_id,
    const struct fact *fact)
{
	unsigned record = mempage_find(p, tag, addr);

	put_fact(p, tag, addr, &record, list_id, fact);
	if (record != MEMPAGE_NONE)
		note_end(p, record);
}

void
mempage_put_all(struct mempage *p, uint16_t tag, const struct ipaddr *addr,
    const struct roster *roster, listset lists, const struct fact *facts)
{
	unsigned record = mempage_find(p, tag, addr);

	for (unsigned i = 0; i < roster->n; i++)
		if (listset_has(lists, i))
			put_fact(p, tag, addr, &record, roster->list[i]->id, &facts[i]);
	if (record != MEMPAGE_NONE)
		note_end(p, record);
}
