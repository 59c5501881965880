/* A macroblock from the picture before (ITU-T H.264, 8.4). */
#pragma once
#include "_h264_code.h"

/* Prediction of U or V by a vector in quarters of a luma pixel: eighths of a chroma pixel (8.4.2.2.2). */
static void move_chroma(Coder *k, int plane, Vector v)
{
    int wide = across(k, 1), fx = v.x & 7, fy = v.y & 7;
    const uint8_t *from = corner(k, k->before, plane) + (v.y >> 3) * wide + (v.x >> 3);
    uint8_t *to = corner(k, k->now, plane);
    if (!fx && !fy) {
        copy(to, wide, from, wide, 8, 8);
        return;
    }
    int a = (8 - fx) * (8 - fy), b = fx * (8 - fy), c = (8 - fx) * fy, d = fx * fy;
    const int down = fy ? wide : 0, next = fx ? 1 : 0;
    for (int y = 0; y < 8; y++, from += wide, to += wide)
        for (int x = 0; x < 8; x++)
            to[x] = (uint8_t)((a * from[x] + b * from[x + next] + c * from[down + x] + d * from[down + x + next] + 32) >> 6);
}

/* Prediction from the picture before. */
static void move(Coder *k, Vector v)
{
    int wide = across(k, 0);
    uint8_t *to = corner(k, k->now, 0);
    const uint8_t *from = corner(k, k->before, 0) + (v.y >> 2) * wide + (v.x >> 2);
    if ((v.x | v.y) & 3) {
        uint8_t out[256];
        shifted(&k->between, v, out);
        copy(to, wide, out, 16, 16, 16);
    } else
        copy(to, wide, from, wide, 16, 16);
    move_chroma(k, 1, v);
    move_chroma(k, 2, v);
}

/* What levels are worth: 9 and more when one is larger than 1, else less the farther they lie apart. */
static int worth(const int16_t *levels)
{
    static const uint8_t by_gap[16] = {3, 2, 2, 1, 1, 1};
    int sum = 0, gap = 0;
    for (int i = 0; i < 16; i++) {
        if (abs(levels[i]) > 1)
            return 9;
        if (levels[i])
            sum += by_gap[gap];
        gap = levels[i] ? 0 : gap + 1;
    }
    return sum;
}

/* Whether the levels of the macroblock in hand are too few to be written, if without them it can be skipped. */
static int negligible(const Coder *k, int colour)
{
    int luma = 0, chroma[2] = {0, 0};
    for (int i = 0; i < 16 && luma < 6; i++)
        luma += k->m->counts[i] ? worth(k->luma[i]) : 0;
    if (luma >= 6)
        return 0;
    for (int i = 0; colour && i < 8; i++) {
        if (k->chroma_dc[i / 4][i % 4])
            return 0;
        chroma[i / 4] += k->m->counts[16 + i] ? worth(k->chroma[i / 4][i % 4]) : 0;
    }
    return chroma[0] < 7 && chroma[1] < 7;
}

/* Skip the macroblock in hand if what a skip shows is so near that its levels are not worth writing. */
static int try_skip(Coder *k)
{
    Vector v = skipped_vector(k);
    int left = 16 * k->x + (v.x >> 2), top = 16 * k->y + (v.y >> 2), wide = across(k, 0), any = 0;
    if ((v.x | v.y) & 3) {
        if (left < 3 || top < 3 || left > wide - 20 || top > 16 * k->rows - 20)
            return 0;
        fill_between(&k->between, k->before[0] + top * wide + left, wide, v.x >> 2, v.y >> 2);
    } else if (left < 0 || top < 0 || left > wide - 16 || top > 16 * (k->rows - 1))
        return 0;
    else if (difference(k->source[0], 16, k->before[0] + top * wide + left, wide, 16, 16) > 512)
        return 0;
    move(k, v);
    for (int i = 0; i < 16; i++)
        any |= code_luma(k, &k->inter, i);
    int colour = code_colour(k, &k->coarse);
    if (any || colour) {
        if (!negligible(k, colour))
            return 0;
        move(k, v);
        memset(k->m->counts, 0, sizeof(k->m->counts));
    }
    k->m->x = v.x, k->m->y = v.y;
    k->run++;
    return 1;
}

/* The macroblock in hand from the picture before. */
static void code_inter(Coder *k, Vector v)
{
    Macro *m = k->m;
    Vector guess = expected_vector(k);
    move(k, v);
    for (int i = 0; i < 16; i++)
        code_luma(k, &k->inter, i);
    int colour = code_colour(k, &k->coarse);
    m->kind = INTER, m->x = v.x, m->y = v.y;
    memset(m->modes, 0, 16);
    put_type(k, 0);
    put_se(&k->bits, v.x - guess.x);
    put_se(&k->bits, v.y - guess.y);
    put_residual(k, 1, colour);
}
