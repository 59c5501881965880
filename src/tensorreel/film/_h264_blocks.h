/* Blocks of 4x4: transform, quantiser and their inverses (ITU-T H.264, 8.5), likeness, intra prediction (8.3). */
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

#define LARGEST 2000 /* a level that CAVLC can write in any case */

static const uint8_t zigzag[16] = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
static const uint8_t place[16] = {0, 2, 0, 2, 2, 1, 2, 1, 0, 2, 0, 2, 2, 1, 2, 1}; /* kind of a coefficient */
static const uint16_t forward_scale[6][3] = {{13107, 5243, 8066}, {11916, 4660, 7490}, {10082, 4194, 6554},
                                             {9362, 3647, 5825},  {8192, 3355, 5243},  {7282, 2893, 4559}};
static const uint8_t inverse_scale[6][3] = {{10, 16, 13}, {11, 18, 14}, {13, 20, 16}, {14, 23, 18}, {16, 25, 20}, {18, 29, 23}};

/* A quantiser at one QP. A level is rounded up from 1 - `bias`/64 on: less for what is predicted from the picture
   before than within the picture, where each level is of more use to what comes. */
typedef struct { int32_t scale[16], back[16], bias, qp, shift, quiet; } Quantiser;

static Quantiser quantiser(int qp, int bias)
{
    Quantiser q = {.qp = qp, .shift = 15 + qp / 6};
    q.bias = (1 << q.shift) / 64 * bias;
    for (int i = 0; i < 16; i++) {
        q.scale[i] = forward_scale[qp % 6][place[i]];
        q.back[i] = inverse_scale[qp % 6][place[i]] << qp / 6;
    }
    int one = (1 << q.shift) - q.bias - 1, a = one / q.scale[0], b = one / (4 * q.scale[5]), c = one / (2 * q.scale[1]);
    q.quiet = a < b ? (a < c ? a : c) : b < c ? b : c;
    return q;
}

static inline int level_of(int value, int scale, int bias, int shift)
{
    int level = (abs(value) * scale + bias) >> shift;
    level = level < LARGEST ? level : LARGEST;
    return value < 0 ? -level : level;
}

/* Levels of 16 coefficients, both in rows; returns whether one is not zero. */
WIDE static int quantise(const Quantiser *q, const int16_t *in, int16_t *out)
{
    int any = 0;
    for (int i = 0; i < 16; i++) {
        out[i] = (int16_t)level_of(in[i], q->scale[i], q->bias, q->shift);
        any |= out[i];
    }
    return any != 0;
}

/* Coefficients of what `a` has over `b`. */
static void transform(const uint8_t *a, int across, const uint8_t *b, int beyond, int16_t *out)
{
    int t[16];
    for (int y = 0; y < 4; y++) {
        const uint8_t *p = a + y * across, *q = b + y * beyond;
        int d0 = p[0] - q[0], d1 = p[1] - q[1], d2 = p[2] - q[2], d3 = p[3] - q[3];
        int s = d0 + d3, u = d1 + d2, v = d1 - d2, w = d0 - d3;
        t[4 * y] = s + u, t[4 * y + 1] = 2 * w + v, t[4 * y + 2] = s - u, t[4 * y + 3] = w - 2 * v;
    }
    for (int x = 0; x < 4; x++) {
        int s = t[x] + t[12 + x], u = t[4 + x] + t[8 + x], v = t[4 + x] - t[8 + x], w = t[x] - t[12 + x];
        out[x] = (int16_t)(s + u), out[4 + x] = (int16_t)(2 * w + v);
        out[8 + x] = (int16_t)(s - u), out[12 + x] = (int16_t)(w - 2 * v);
    }
}

static inline uint8_t clip(int value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* What 16 scaled coefficients add to `block`. */
static void restore(const int32_t *in, uint8_t *block, int across)
{
    int t[16];
    for (int y = 0; y < 4; y++) {
        const int32_t *c = in + 4 * y;
        int s = c[0] + c[2], u = c[0] - c[2], v = (c[1] >> 1) - c[3], w = c[1] + (c[3] >> 1);
        t[4 * y] = s + w, t[4 * y + 1] = u + v, t[4 * y + 2] = u - v, t[4 * y + 3] = s - w;
    }
    for (int x = 0; x < 4; x++) {
        int s = t[x] + t[8 + x], u = t[x] - t[8 + x], v = (t[4 + x] >> 1) - t[12 + x], w = t[4 + x] + (t[12 + x] >> 1);
        uint8_t *p = block + x;
        p[0] = clip(p[0] + ((s + w + 32) >> 6)), p[across] = clip(p[across] + ((u + v + 32) >> 6));
        p[2 * across] = clip(p[2 * across] + ((u - v + 32) >> 6)), p[3 * across] = clip(p[3 * across] + ((s - w + 32) >> 6));
    }
}

/* The 4x4 Hadamard transform of the 16 DC coefficients of a macroblock, in place. */
static void hadamard(int32_t *d)
{
    for (int pass = 0; pass < 2; pass++) {
        int down = pass ? 4 : 1, over = pass ? 1 : 4;
        for (int k = 0; k < 4; k++) {
            int32_t *p = d + k * over;
            int s = p[0] + p[3 * down], u = p[down] + p[2 * down], v = p[down] - p[2 * down], w = p[0] - p[3 * down];
            p[0] = s + u, p[down] = w + v, p[2 * down] = s - u, p[3 * down] = w - v;
        }
    }
}

/* Sum of absolute differences over w x h pixels. */
static inline int difference(const uint8_t *a, int across, const uint8_t *b, int beyond, int w, int h)
{
    int sum = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            sum += abs(a[y * across + x] - b[y * beyond + x]);
    return sum;
}

/* Half the sum of the absolute Hadamard coefficients of a 4x4 difference: nearer to its bits than the plain sum. */
static int likeness(const uint8_t *a, int across, const uint8_t *b, int beyond)
{
    int t[16], sum = 0;
    for (int y = 0; y < 4; y++) {
        const uint8_t *p = a + y * across, *q = b + y * beyond;
        int d0 = p[0] - q[0], d1 = p[1] - q[1], d2 = p[2] - q[2], d3 = p[3] - q[3];
        int s = d0 + d1, u = d0 - d1, v = d2 + d3, w = d2 - d3;
        t[4 * y] = s + v, t[4 * y + 1] = s - v, t[4 * y + 2] = u + w, t[4 * y + 3] = u - w;
    }
    for (int x = 0; x < 4; x++) {
        int s = t[x] + t[4 + x], u = t[x] - t[4 + x], v = t[8 + x] + t[12 + x], w = t[8 + x] - t[12 + x];
        sum += abs(s + v) + abs(s - v) + abs(u + w) + abs(u - w);
    }
    return sum / 2;
}

static int likeness16(const uint8_t *a, int across, const uint8_t *b, int beyond)
{
    int sum = 0;
    for (int i = 0; i < 16; i++)
        sum += likeness(a + (i / 4 * across + i % 4) * 4, across, b + (i / 4 * beyond + i % 4) * 4, beyond);
    return sum;
}

static inline void copy(uint8_t *to, int across, const uint8_t *from, int beyond, int w, int h)
{
    for (int y = 0; y < h; y++)
        memcpy(to + y * across, from + y * beyond, w);
}

enum { LEFT = 1, ABOVE = 2, CORNER = 4, RIGHT = 8 }; /* neighbours that are there */
enum { VERTICAL, HORIZONTAL, DC };                   /* of 4x4 and 16x16 alike */

static int sum(const uint8_t *p, int step, int n)
{
    int total = 0;
    for (int i = 0; i < n; i++)
        total += p[i * step];
    return total;
}

/* The mean of the neighbours of a square of n pixels, of those in `near`; 128 without any. */
static int mean(const uint8_t *p, int across, int n, int near)
{
    int total = (near & LEFT ? sum(p - 1, across, n) : 0) + (near & ABOVE ? sum(p - across, 1, n) : 0);
    int count = (near & LEFT ? n : 0) + (near & ABOVE ? n : 0);
    return count ? (total + count / 2) / count : 128;
}

/* Prediction of a square of n pixels at `p` from its neighbours, into `out` (n to a row). */
static void predict(int mode, const uint8_t *p, int across, int n, int near, uint8_t *out)
{
    int middle = mode == DC ? mean(p, across, n, near) : 0;
    for (int y = 0; y < n; y++)
        if (mode == VERTICAL)
            memcpy(out + y * n, p - across, n);
        else
            memset(out + y * n, mode == DC ? middle : p[y * across - 1], n);
}

/* The slanted modes 3 to 8 of a 4x4 block (8.3.1.2.4 to 8.3.1.2.9) take from its edge means of three neighbouring
   pixels and of two. The edge runs from 0 (the left column from below) over 4 (the corner) to 12 (the row above); `of`
   holds, for each pixel, the middle of three, or 16 more than the first of two. */
enum { TWO = 16 };
static const uint8_t of[6][16] = {
    {6, 7, 8, 9, 7, 8, 9, 10, 8, 9, 10, 11, 9, 10, 11, 12},                                                      /* down left */
    {4, 5, 6, 7, 3, 4, 5, 6, 2, 3, 4, 5, 1, 2, 3, 4},                                                            /* down right */
    {TWO + 4, TWO + 5, TWO + 6, TWO + 7, 4, 5, 6, 7, 3, TWO + 4, TWO + 5, TWO + 6, 2, 4, 5, 6},                  /* vertical right */
    {TWO + 3, 4, 5, 6, TWO + 2, 3, TWO + 3, 4, TWO + 1, 2, TWO + 2, 3, TWO, 1, TWO + 1, 2},                      /* horizontal down */
    {TWO + 5, TWO + 6, TWO + 7, TWO + 8, 6, 7, 8, 9, TWO + 6, TWO + 7, TWO + 8, TWO + 9, 7, 8, 9, 10},           /* vertical left */
    {TWO + 2, 2, TWO + 1, 1, TWO + 1, 1, TWO, 13, TWO, 13, 14, 14, 14, 14, 14, 14},                              /* horizontal up */
};

/* Both means all along an edge, with those that end at the last pixel of a side: 12 at the right, 13 and 14 below. */
static void means(const uint8_t *edge, uint8_t *out)
{
    for (int i = 1; i < 12; i++)
        out[i] = (uint8_t)((edge[i - 1] + 2 * edge[i] + edge[i + 1] + 2) >> 2);
    for (int i = 0; i < 12; i++)
        out[TWO + i] = (uint8_t)((edge[i] + edge[i + 1] + 1) >> 1);
    out[12] = (uint8_t)((edge[11] + 3 * edge[12] + 2) >> 2);
    out[13] = (uint8_t)((edge[1] + 3 * edge[0] + 2) >> 2);
    out[14] = edge[0];
}
