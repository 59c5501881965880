/* A macroblock from its neighbours, whole or block by block (ITU-T H.264, 8.3). */
#pragma once
#include "_h264_code.h"

/* U or V by the mean of its neighbours, each quarter by its own (8.3.4.1 to 8.3.4.3), into `out`. */
static void predict_mean(const Coder *k, const uint8_t *p, uint8_t *out)
{
    int wide = across(k, 1);
    for (int i = 0; i < 4; i++) {
        int near = k->around & (LEFT | ABOVE);
        if (i == 1 && near & ABOVE)
            near = ABOVE;
        if (i == 2 && near & LEFT)
            near = LEFT;
        int total = (near & LEFT ? sum(p - 1 + i / 2 * 4 * wide, wide, 4) : 0) + (near & ABOVE ? sum(p - wide + i % 2 * 4, 1, 4) : 0);
        int count = (near & LEFT ? 4 : 0) + (near & ABOVE ? 4 : 0), value = count ? (total + count / 2) / count : 128;
        for (int y = 0; y < 4; y++)
            memset(out + (i / 2 * 4 + y) * 8 + i % 2 * 4, value, 4);
    }
}

/* Predict the chroma of the macroblock in hand from its neighbours; returns how: 0 mean, 1 horizontal, 2 vertical. */
static int begin_intra(Coder *k)
{
    static const uint8_t needed[3] = {0, LEFT, ABOVE}, as[3] = {DC, HORIZONTAL, VERTICAL};
    uint8_t out[2][64], held[2][64] = {{0}};
    int best = 1 << 30, chosen = 0, wide = across(k, 1);
    k->m->kind = INTRA, k->m->x = k->m->y = 0;
    for (int mode = 0; mode < 3 && best; mode++) {
        int cost = mode ? k->lambda * 3 : 0;
        if ((k->around & needed[mode]) != needed[mode])
            continue;
        for (int i = 0; i < 2; i++) {
            const uint8_t *p = corner(k, k->now, 1 + i);
            if (mode)
                predict(as[mode], p, wide, 8, k->around, out[i]);
            else
                predict_mean(k, p, out[i]);
            cost += difference(k->source[1 + i], 8, out[i], 8, 8, 8);
        }
        if (cost < best) {
            best = cost, chosen = mode;
            memcpy(held, out, sizeof(held));
        }
    }
    for (int i = 0; i < 2; i++)
        copy(corner(k, k->now, 1 + i), wide, held[i], 8, 8, 8);
    return chosen;
}

/* The macroblock in hand from its neighbours, predicted whole. */
static void code_whole(Coder *k, int mode)
{
    uint8_t out[256];
    int way = begin_intra(k);
    memset(k->m->modes, 0, 16);
    predict(mode, corner(k, k->now, 0), across(k, 0), 16, k->around, out);
    copy(corner(k, k->now, 0), across(k, 0), out, 16, 16, 16);
    int any = code_luma_apart(k, &k->intra), colour = code_colour(k, &k->fine);
    put_type(k, 5 + 1 + mode + 4 * colour + (any ? 12 : 0));
    put_ue(&k->bits, (uint32_t)way);
    put_se(&k->bits, 0);
    put_block(&k->bits, k->dc, 16, expected(k, 0, 4, 0, 0));
    if (any)
        put_luma(k, 15, 1);
    put_chroma(k, colour);
}

/* The expected mode of a 4x4 block (8.3.1.1). */
static int expected_mode(const Coder *k, int at)
{
    const Macro *m = k->m, *up = m - k->columns - 2;
    int x = at % 4, y = at / 4;
    if ((!x && !(k->around & LEFT)) || (!y && !(k->around & ABOVE)))
        return DC;
    int left = DC ^ (x ? m->modes[at - 1] : m[-1].modes[at + 3]), above = DC ^ (y ? m->modes[at - 4] : up->modes[at + 12]);
    return left < above ? left : above;
}

/* Which neighbours a 4x4 block has. */
static int around_block(const Coder *k, int at)
{
    int x = at % 4, y = at / 4, near = k->around;
    int left = x ? LEFT : near & LEFT, above = y ? ABOVE : near & ABOVE;
    int before = x ? (y ? CORNER : near & ABOVE ? CORNER : 0) : y ? (near & LEFT ? CORNER : 0) : near & CORNER;
    int right = y ? (x == 3 || (x == 1 && y % 2) ? 0 : RIGHT) : x < 3 ? (near & ABOVE ? RIGHT : 0) : near & RIGHT;
    return left | above | before | right;
}

static const uint8_t needed[9] = {ABOVE, LEFT, 0, ABOVE, LEFT | ABOVE | CORNER, LEFT | ABOVE | CORNER, LEFT | ABOVE | CORNER, ABOVE, LEFT};

/* The means along the edge of a 4x4 block at `p`, of which only what its neighbours give is of use. */
static void edge_means(const uint8_t *p, int wide, int near, uint8_t *out)
{
    uint8_t edge[13] = {0};
    for (int i = 0; i < 4 && near & LEFT; i++)
        edge[3 - i] = p[i * wide - 1];
    if (near & CORNER)
        edge[4] = p[-wide - 1];
    if (near & ABOVE) {
        memcpy(edge + 5, p - wide, near & RIGHT ? 8 : 4);
        if (!(near & RIGHT))
            memset(edge + 9, edge[8], 4);
    }
    means(edge, out);
}

/* The mode that comes nearest, its prediction put into the picture; returns its cost. */
static int choose_mode(Coder *k, int at)
{
    int wide = across(k, 0), near = around_block(k, at), guess = expected_mode(k, at), best = 1 << 20;
    uint8_t *p = corner(k, k->now, 0) + (at / 4 * wide + at % 4) * 4, out[16], held[16], mean[32], tile[16];
    copy(tile, 4, k->source[0] + at / 4 * 64 + at % 4 * 4, 16, 4, 4);
    for (int mode = 0; mode < 9 && best > 4 * k->lambda; mode++) {
        if ((near & needed[mode]) != needed[mode])
            continue;
        if (mode == 3 || (mode == 8 && !(near & ABOVE)))
            edge_means(p, wide, near, mean);
        if (mode <= DC)
            predict(mode, p, wide, 4, near, out);
        else
            for (int i = 0; i < 16; i++)
                out[i] = mean[of[mode - 3][i]];
        int cost = difference(tile, 16, out, 16, 16, 1) + k->lambda * (mode == guess ? 1 : 4);
        if (cost < best) {
            best = cost;
            k->chosen[at] = mode;
            memcpy(held, out, 16);
        }
    }
    copy(p, wide, held, 4, 4, 4);
    k->m->modes[at] = (uint8_t)(k->chosen[at] ^ DC);
    return likeness(tile, 4, held, 4) + k->lambda * (k->chosen[at] == guess ? 1 : 4);
}

/* Luma block by block, each predicted from those before it; returns the cost, given up beyond `limit`. */
static int try_blocks(Coder *k, int limit)
{
    int cost = 8 * k->lambda;
    for (int i = 0; i < 16 && cost < limit; i++) {
        cost += choose_mode(k, by_order(i));
        code_luma(k, &k->intra, by_order(i));
    }
    return cost;
}

/* The macroblock in hand as `try_blocks` left it. */
static void code_blocks(Coder *k)
{
    int way = begin_intra(k), colour = code_colour(k, &k->fine);
    put_type(k, 5);
    for (int i = 0; i < 16; i++) {
        int at = by_order(i), mode = k->chosen[at], guess = expected_mode(k, at);
        put(&k->bits, mode == guess, 1);
        if (mode != guess)
            put(&k->bits, (uint32_t)(mode - (mode > guess)), 3);
    }
    put_ue(&k->bits, (uint32_t)way);
    put_residual(k, 0, colour);
}
