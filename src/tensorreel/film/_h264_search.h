/* Finding where a macroblock came from in the picture before. */
#pragma once
#include "_h264_inter.h"

#define FAR_X 200 /* pixels; levels allow more, the lowest 64 up and down */
#define FAR_Y 60
#define NEAR 100 /* a likeness, in bits, beyond which other ways of coding are tried */

typedef struct { Vector v; int cost; } Found;

/* Look at the macroblock x, y pixels away; keep it if it is better. */
static void look(Coder *k, Vector guess, int x, int y, Found *best)
{
    int left = 16 * k->x + x, top = 16 * k->y + y;
    if (abs(x) > FAR_X || abs(y) > FAR_Y || left < 0 || top < 0 || left > 16 * (k->columns - 1) || top > 16 * (k->rows - 1))
        return;
    const uint8_t *from = k->before[0] + top * across(k, 0) + left;
    int cost = k->lambda * (size_se(4 * x - guess.x) + size_se(4 * y - guess.y));
    cost += difference(k->source[0], 16, from, across(k, 0), 16, 16);
    if (cost < best->cost)
        *best = (Found){{(int16_t)(4 * x), (int16_t)(4 * y)}, cost};
}

/* Look between the pixels around the best place: halves, then quarters. */
static void refine(Coder *k, Found *best)
{
    int wide = across(k, 0), x = best->v.x >> 2, y = best->v.y >> 2, left = 16 * k->x + x, top = 16 * k->y + y;
    if (left < 3 || top < 3 || left > wide - 20 || top > 16 * k->rows - 20)
        return;
    fill_between(&k->between, k->before[0] + top * wide + left, wide, x, y);
    Vector guess = expected_vector(k);
    uint8_t out[256];
    for (int step = 2; step; step--) {
        Vector middle = best->v;
        for (int i = 0; i < 9; i++) {
            Vector v = {(int16_t)(middle.x + (i % 3 - 1) * step), (int16_t)(middle.y + (i / 3 - 1) * step)};
            if (i == 4)
                continue;
            shifted(&k->between, v, out);
            int cost = k->lambda * (size_se(v.x - guess.x) + size_se(v.y - guess.y)) + difference(k->source[0], 16, out, 16, 16, 16);
            if (cost < best->cost)
                *best = (Found){v, cost};
        }
    }
}

static Found search(Coder *k)
{
    Found best = {{0, 0}, 1 << 30};
    const Macro *m = k->m, *up = m - k->columns - 2;
    const Macro *past = k->past + (m - k->macros);
    Vector guess = expected_vector(k);
    Vector tries[] = {{0, 0}, guess, {m[-1].x, m[-1].y}, {up->x, up->y}, {up[1].x, up[1].y},
                      {past->x, past->y}, {past[-1].x, past[-1].y}, {past[1].x, past[1].y},
                      {past[-k->columns - 2].x, past[-k->columns - 2].y}, {past[k->columns + 2].x, past[k->columns + 2].y}};
    for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++)
        if (!i || tries[i].x || tries[i].y)
            look(k, guess, (tries[i].x + 2) >> 2, (tries[i].y + 2) >> 2, &best);
    for (int step = 4; step && best.cost > 64; step /= 2)
        for (int turn = 0; turn < 8; turn++) {
            int x = best.v.x >> 2, y = best.v.y >> 2, before = best.cost;
            look(k, guess, x - step, y, &best);
            look(k, guess, x + step, y, &best);
            look(k, guess, x, y - step, &best);
            look(k, guess, x, y + step, &best);
            if (best.cost == before)
                break;
        }
    if (best.cost > 200)
        refine(k, &best);
    k->near = best.cost;
    if (best.cost > NEAR * k->lambda) {
        uint8_t out[256];
        const uint8_t *from = k->before[0] + (16 * k->y + (best.v.y >> 2)) * across(k, 0) + 16 * k->x + (best.v.x >> 2);
        int beyond = across(k, 0);
        if ((best.v.x | best.v.y) & 3)
            shifted(&k->between, best.v, out), from = out, beyond = 16;
        best.cost = likeness16(k->source[0], 16, from, beyond) + k->lambda * (size_se(best.v.x - guess.x) + size_se(best.v.y - guess.y));
    }
    return best;
}

