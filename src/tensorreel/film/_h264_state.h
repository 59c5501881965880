/* What a coder knows: two pictures, what neighbours of a macroblock need, and the macroblock in hand. */
#pragma once
#include <stdint.h>
#include <stdlib.h>

#include "_h264_bits.h"
#include "_h264_blocks.h"
#include "_h264_between.h"

enum { INTER, INTRA, NONE };

/* One coded macroblock. Vectors are in quarters of a pixel; `modes` (exclusive-or DC, so that zero is DC) and `counts`
   (of coefficients) go by place, row by row; `counts` holds luma, then U, then V. */
typedef struct {
    int16_t x, y;
    uint8_t kind, modes[16], counts[24];
} Macro;

typedef struct {
    int columns, rows, width, height; /* of macroblocks; of the picture in pixels */
    uint8_t *memory, *now[3], *before[3];
    Macro *macros, *past; /* of this picture and the one before, with a border of one all around */
    int *written[2], count[2]; /* which macroblocks of each are more than skipped in place */
    Bits bits;
    int run, key, lambda, near; /* skips waiting to be written; a picture by itself; worth of a bit; best difference */
    Quantiser inter, intra, fine, coarse; /* luma predicted from the picture before and within; chroma the same */
    int x, y, around; /* the macroblock in hand, and which neighbours it has */
    Macro *m;
    uint8_t source[3][256];
    Between between; /* the picture before, between its pixels, around the best place found */
    int16_t luma[16][16], dc[16], chroma_dc[2][4], chroma[2][4][16]; /* levels in scanning order */
    int chosen[16];                                                  /* modes of its 4x4 blocks, by place */
} Coder;

static inline int across(const Coder *k, int plane)
{
    return (plane ? 8 : 16) * k->columns;
}

/* Where the macroblock in hand begins in one of the planes. */
static inline uint8_t *corner(const Coder *k, uint8_t *const planes[3], int plane)
{
    int side = plane ? 8 : 16;
    return planes[plane] + side * (k->y * across(k, plane) + k->x);
}

static void discard(Coder *k)
{
    if (k) {
        free(k->bits.bytes);
        free(k->memory);
        free(k->macros);
        free(k->past);
        free(k->written[0]);
        free(k->written[1]);
        free(k);
    }
}

static Coder *create(int width, int height)
{
    Coder *k = calloc(1, sizeof(Coder));
    if (!k)
        return NULL;
    k->width = width, k->height = height;
    k->columns = (width + 15) / 16, k->rows = (height + 15) / 16;
    size_t n = (size_t)k->columns * k->rows, wide = k->columns + 2, all = wide * (k->rows + 2);
    k->memory = calloc(n, 2 * 384);
    k->macros = calloc(all, sizeof(Macro));
    k->past = calloc(all, sizeof(Macro));
    k->written[0] = calloc(n, sizeof(int));
    k->written[1] = calloc(n, sizeof(int));
    if (!k->memory || !k->macros || !k->past || !k->written[0] || !k->written[1]) {
        discard(k);
        return NULL;
    }
    uint8_t *at = k->memory;
    for (int i = 0; i < 6; i++) {
        (i < 3 ? k->now : k->before)[i % 3] = at;
        at += n * (i % 3 ? 64 : 256);
    }
    for (size_t i = 0; i < all; i++)
        if (i < wide || i % wide == 0 || i % wide == wide - 1 || i >= all - wide)
            k->macros[i].kind = k->past[i].kind = NONE;
    return k;
}

/* The next macroblock is the one at x, y. */
static void take(Coder *k, int x, int y)
{
    Macro *m = k->m = k->macros + (y + 1) * (k->columns + 2) + x + 1, *up = m - k->columns - 2;
    k->x = x, k->y = y;
    k->around = (m[-1].kind != NONE ? LEFT : 0) | (up->kind != NONE ? ABOVE : 0) | (up[-1].kind != NONE ? CORNER : 0) |
                (up[1].kind != NONE ? RIGHT : 0);
}

/* Its pixels; beyond the picture's edge the last ones repeat. */
static void fetch(Coder *k, uint8_t *const planes[3], const int strides[3])
{
    for (int i = 0; i < 3; i++) {
        int side = i ? 8 : 16, w = i ? k->width / 2 : k->width, h = i ? k->height / 2 : k->height;
        for (int y = 0; y < side; y++) {
            int row = side * k->y + y, n = w - side * k->x < side ? w - side * k->x : side;
            const uint8_t *from = planes[i] + (size_t)(row < h ? row : h - 1) * strides[i] + side * k->x;
            uint8_t *to = k->source[i] + y * side;
            memcpy(to, from, n);
            memset(to + n, from[n - 1], side - n);
        }
    }
}

/* ---- what neighbours let expect ------------------------------------------------------------------------------- */

/* Coefficients of a block at column x, row y of a plane of `side` blocks (nC of 9.2.1). */
static int expected(const Coder *k, int first, int side, int x, int y)
{
    const Macro *m = k->m, *up = m - k->columns - 2;
    const uint8_t *here = m->counts + first;
    int left = x ? here[side * y + x - 1] : k->around & LEFT ? m[-1].counts[first + side * y + side - 1] : -1;
    int above = y ? here[side * (y - 1) + x] : k->around & ABOVE ? up->counts[first + side * (side - 1) + x] : -1;
    return left < 0 ? (above < 0 ? 0 : above) : above < 0 ? left : (left + above + 1) >> 1;
}

static int median(int a, int b, int c)
{
    int low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* The expected vector of the macroblock in hand, for a whole macroblock and one reference (8.4.1.3). */
static Vector expected_vector(const Coder *k)
{
    const Macro *a = k->m - 1, *b = k->m - k->columns - 2, *c = k->around & RIGHT ? b + 1 : b - 1;
    if (c->kind == NONE && b->kind == NONE)
        return a->kind == INTER ? (Vector){a->x, a->y} : (Vector){0, 0};
    int moves = (a->kind == INTER) + (b->kind == INTER) + (c->kind == INTER);
    if (moves == 1) {
        const Macro *one = a->kind == INTER ? a : b->kind == INTER ? b : c;
        return (Vector){one->x, one->y};
    }
    return (Vector){(int16_t)median(a->x, b->x, c->x), (int16_t)median(a->y, b->y, c->y)};
}

/* The vector of a skipped macroblock (8.4.1.1). */
static Vector skipped_vector(const Coder *k)
{
    const Macro *a = k->m - 1, *b = k->m - k->columns - 2;
    if (a->kind == NONE || b->kind == NONE || (a->kind == INTER && !a->x && !a->y) || (b->kind == INTER && !b->x && !b->y))
        return (Vector){0, 0};
    return expected_vector(k);
}
