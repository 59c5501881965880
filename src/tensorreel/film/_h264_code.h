/* Coding what prediction leaves of a macroblock: levels, what a decoder restores from them, and their bits. */
#pragma once
#include "_h264_state.h"

/* ---- levels and what they restore ------------------------------------------------------------------------------ */

static void scanned(const int16_t *raster, int16_t *out)
{
    for (int i = 0; i < 16; i++)
        out[i] = raster[zigzag[i]];
}

/* One luma block of the macroblock in hand, already predicted; returns whether a level is not zero. */
static int code_luma(Coder *k, const Quantiser *q, int at)
{
    int16_t c[16], levels[16];
    int32_t back[16];
    uint8_t *p = corner(k, k->now, 0) + (at / 4 * across(k, 0) + at % 4) * 4;
    const uint8_t *s = k->source[0] + at / 4 * 64 + at % 4 * 4;
    k->m->counts[at] = 0;
    if (difference(s, 16, p, across(k, 0), 4, 4) <= q->quiet)
        return 0;
    transform(s, 16, p, across(k, 0), c);
    if (!quantise(q, c, levels))
        return 0;
    scanned(levels, k->luma[at]);
    int count = 0;
    for (int i = 0; i < 16; i++) {
        back[i] = levels[i] * q->back[i];
        count += levels[i] != 0;
    }
    restore(back, p, across(k, 0));
    k->m->counts[at] = (uint8_t)count;
    return 1;
}

/* Luma that was predicted whole and has its DC apart; returns whether a level other than DC is not zero. */
static int code_luma_apart(Coder *k, const Quantiser *q)
{
    int16_t c[16][16], levels[16][16];
    int32_t dc[16], back[16];
    uint8_t *p = corner(k, k->now, 0);
    int wide = across(k, 0), any = 0;
    for (int at = 0; at < 16; at++) {
        transform(k->source[0] + at / 4 * 64 + at % 4 * 4, 16, p + (at / 4 * wide + at % 4) * 4, wide, c[at]);
        dc[at] = c[at][0];
        c[at][0] = 0;
        any |= quantise(q, c[at], levels[at]);
    }
    hadamard(dc);
    int16_t found[16];
    for (int at = 0; at < 16; at++) {
        found[at] = (int16_t)level_of((dc[at] + 1) >> 1, q->scale[0], 2 * q->bias, q->shift + 1);
        dc[at] = found[at];
    }
    scanned(found, k->dc);
    hadamard(dc);
    for (int at = 0; at < 16; at++) {
        int count = 0, q6 = q->qp / 6, scale = 16 * (q->back[0] >> q6);
        for (int i = 1; i < 16; i++) {
            back[i] = levels[at][i] * q->back[i];
            count += levels[at][i] != 0;
        }
        back[0] = q6 >= 6 ? (dc[at] * scale) << (q6 - 6) : (dc[at] * scale + (1 << (5 - q6))) >> (6 - q6);
        restore(back, p + (at / 4 * wide + at % 4) * 4, wide);
        scanned(levels[at], k->luma[at]);
        k->m->counts[at] = (uint8_t)(any ? count : 0);
    }
    return any;
}

/* U or V, already predicted; returns 0 without levels, 1 with DC only, 2 with others. */
static int code_chroma(Coder *k, const Quantiser *q, int plane)
{
    int16_t c[4][16], levels[4][16];
    int32_t back[16];
    uint8_t *p = corner(k, k->now, 1 + plane), *counts = k->m->counts + 16 + 4 * plane;
    int wide = across(k, 1), any = 0, apart = 0;
    int16_t *dc = k->chroma_dc[plane];
    memset(dc, 0, 4 * sizeof(*dc));
    memset(counts, 0, 4);
    if (difference(k->source[1 + plane], 8, p, wide, 8, 8) <= q->quiet)
        return 0;
    for (int at = 0; at < 4; at++) {
        transform(k->source[1 + plane] + at / 2 * 32 + at % 2 * 4, 8, p + (at / 2 * wide + at % 2) * 4, wide, c[at]);
        dc[at] = c[at][0];
        c[at][0] = 0;
        any |= quantise(q, c[at], levels[at]);
    }
    int sums[4] = {dc[0] + dc[1] + dc[2] + dc[3], dc[0] - dc[1] + dc[2] - dc[3], dc[0] + dc[1] - dc[2] - dc[3],
                   dc[0] - dc[1] - dc[2] + dc[3]};
    for (int i = 0; i < 4; i++)
        apart |= dc[i] = (int16_t)level_of(sums[i], q->scale[0], 2 * q->bias, q->shift + 1);
    if (!any && !apart)
        return 0;
    int f[4] = {dc[0] + dc[1] + dc[2] + dc[3], dc[0] - dc[1] + dc[2] - dc[3], dc[0] + dc[1] - dc[2] - dc[3],
                dc[0] - dc[1] - dc[2] + dc[3]};
    for (int at = 0; at < 4; at++) {
        for (int i = 1; i < 16; i++) {
            back[i] = levels[at][i] * q->back[i];
            counts[at] += levels[at][i] != 0;
        }
        back[0] = (f[at] * 16 * q->back[0]) >> 5;
        restore(back, p + (at / 2 * wide + at % 2) * 4, wide);
        scanned(levels[at], k->chroma[plane][at]);
    }
    return any ? 2 : 1;
}

/* Both: the larger of the two answers, by which both are written. */
static int code_colour(Coder *k, const Quantiser *q)
{
    int u = code_chroma(k, q, 0), v = code_chroma(k, q, 1);
    for (int plane = 0; plane < 2; plane++)
        if ((plane ? v : u) < 2)
            memset(k->chroma[plane], 0, sizeof(k->chroma[plane]));
    return u > v ? u : v;
}

/* ---- bits ------------------------------------------------------------------------------------------------------ */

static int by_order(int i) /* the place of the i-th 4x4 block in coding order */
{
    return (i >> 3) * 8 + (i >> 2 & 1) * 2 + (i >> 1 & 1) * 4 + (i & 1);
}

static int pattern_of(const Coder *k)
{
    int pattern = 0;
    for (int i = 0; i < 16; i++)
        pattern |= (k->m->counts[by_order(i)] != 0) << i / 4;
    return pattern;
}

static void put_pattern(Coder *k, int inter, int pattern)
{
    int code = 0;
    while (patterns[inter][code] != pattern)
        code++;
    put_ue(&k->bits, (uint32_t)code);
}

static void put_luma(Coder *k, int pattern, int skip)
{
    for (int i = 0; i < 16; i++) {
        int at = by_order(i);
        if (!(pattern >> i / 4 & 1))
            continue;
        if (!k->m->counts[at])
            memset(k->luma[at], 0, sizeof(k->luma[at]));
        put_block(&k->bits, k->luma[at] + skip, 16 - skip, expected(k, 0, 4, at % 4, at / 4));
    }
}

static void put_chroma(Coder *k, int colour)
{
    for (int plane = 0; colour && plane < 2; plane++)
        put_block(&k->bits, k->chroma_dc[plane], 4, -1);
    for (int i = 0; colour == 2 && i < 8; i++)
        put_block(&k->bits, k->chroma[i / 4][i % 4] + 1, 15, expected(k, 16 + i / 4 * 4, 2, i % 2, i / 2 % 2));
}

/* The type of the macroblock in hand; in a picture by itself there are neither skips nor inter types. */
static void put_type(Coder *k, int type)
{
    if (!k->key) {
        put_ue(&k->bits, (uint32_t)k->run);
        k->run = 0;
    }
    put_ue(&k->bits, (uint32_t)(type - (k->key ? 5 : 0)));
}

static void put_residual(Coder *k, int inter, int colour)
{
    int pattern = pattern_of(k);
    put_pattern(k, inter, pattern | colour << 4);
    if (!pattern && !colour)
        return;
    put_se(&k->bits, 0); /* quantiser as before */
    put_luma(k, pattern, 0);
    put_chroma(k, colour);
}
