/* SPDX-License-Identifier: BSD-2-Clause */
/* verdict/sums.c - each group counts once, and readings that cannot differ are not kept. */
#include "config.h"

#include "verdict/sums.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#define WEIGHT_MAX 100 /* conf/conf.c allows no more */

_Static_assert(SCORE_MAX <= INT_MAX / WEIGHT_MAX / ANSWERS_MAX / (LISTS_MAX + 1),
    "a sum of scores fits an int");

/* Begin with some others, or with nothing (NULL). */
static void
begin(struct partial_sum *partial, const struct partial_sum *from, unsigned groups)
{
	size_t size = groups * sizeof(partial->against[0]);

	partial->allowing = from != NULL ? from->allowing : 0;
	partial->speaking = from != NULL ? from->speaking : 0;
	if (from != NULL)
		memcpy(partial->against, from->against, size);
	else
		memset(partial->against, 0, size);
}

void
sums_begin(struct sums *sums, const struct sums *from, const struct verdict_input *input)
{
	unsigned n = input->policy->nvotes;

	sums->alike = from != NULL ? from->alike : input->doubted == 0 && input->lapsed == 0;
	begin(&sums->nominal, from != NULL ? &from->nominal : NULL, n);
	if (!sums->alike)
		begin(&sums->certain, from != NULL ? &from->certain : NULL, n);
	if (input->lapsed != 0)
		begin(&sums->live, from != NULL ? &from->live : NULL, n);
	if (input->unasked != 0)
		begin(&sums->feared, from != NULL ? &from->feared : NULL, n);
}

static void
put(struct partial_sum *partial, const struct verdict_input *input, const struct vote *vote,
    int score)
{
	assert(vote->group < input->policy->nvotes);
	if (score <= 0) {
		partial->allowing += score;
		return;
	}
	if (score > partial->against[vote->group])
		partial->against[vote->group] = score;
	if (input->roster->list[vote->list]->origin != ORIGIN_REPORTS)
		partial->speaking |= (listset)1 << vote->group;
}

/*
 * The word of a list in doubt speaks for a client, never
 * against one; where a list cannot be heard, it may be the best that it could
 * have said that is missing.  One that is suspended may stay so: to wait for it
 * would be to wait for good.
 */
void
sums_add(
    struct sums *sums, const struct verdict_input *input, const struct vote *vote, int score)
{
	const struct listing *list = input->roster->list[vote->list];
	bool doubted = listset_has(input->doubted, vote->list);
	bool certain = !doubted && !input_is_missing(input, vote->list);
	int least = certain || score < 0 ? score : list->best * vote->weight;

	if (input_is_void(input, vote->list))
		return;
	if (sums->alike && least != score) {
		begin(&sums->certain, &sums->nominal, input->policy->nvotes);
		sums->alike = false;
	}
	put(&sums->nominal, input, vote, score);
	if (listset_has(input->lapsed, vote->list))
		return;
	if (input->lapsed != 0)
		put(&sums->live, input, vote, score);
	if (!sums->alike)
		put(&sums->certain, input, vote, least);
	if (listset_has(input->unasked, vote->list) && !doubted)
		least = list->worst * vote->weight;
	if (input->unasked != 0)
		put(&sums->feared, input, vote, least);
}

void
sums_add_bound(struct sums *sums, const struct verdict_input *input, const struct vote *vote,
    int score, bool certain)
{
	put(&sums->nominal, input, vote, score);
	if (input->lapsed != 0)
		put(&sums->live, input, vote, score);
	if (!certain)
		return;
	if (!sums->alike)
		put(&sums->certain, input, vote, score);
	if (input->unasked != 0)
		put(&sums->feared, input, vote, score);
}

struct sum
sums_of(const struct partial_sum *partial, const struct verdict_input *input)
{
	int spf = input_spf_score(input);
	struct sum sum = {.score = partial->allowing + spf, .groups = spf > 0};

	for (unsigned i = 0; i < input->policy->nvotes; i++) {
		sum.score += partial->against[i];
		sum.groups += listset_has(partial->speaking, i);
	}
	return sum;
}
