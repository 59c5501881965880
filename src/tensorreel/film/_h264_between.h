/* Luma between pixels (ITU-T H.264, 8.4.2.2.1), for one macroblock and a pixel around it. */
#pragma once
#include <stdint.h>

#define PITCH 32 /* of what is kept: 18 rows of 18 pixels, from one pixel left and above */

typedef struct { int16_t x, y; } Vector; /* in quarters of a pixel */

/* Pixels, and half a pixel right, half a pixel down, and both. `x`, `y`: where they are, in whole pixels away. */
typedef struct { int x, y; uint8_t planes[4][18 * PITCH]; } Between;

static inline int six(int a, int b, int c, int d, int e, int f)
{
    return a + f - 5 * (b + e) + 20 * (c + d);
}

/* `from` is the pixel at the macroblock's corner; three more on each side are read. */
WIDE static void fill_between(Between *b, const uint8_t *from, int across, int x, int y)
{
    int16_t raw[23][PITCH]; /* horizontal sums, not yet rounded, from two rows above */
    b->x = x, b->y = y;
    const uint8_t *p = from - 3 * across - 1;
    for (int i = 0; i < 23; i++, p += across)
        for (int j = 0; j < 18; j++)
            raw[i][j] = (int16_t)six(p[j - 2], p[j - 1], p[j], p[j + 1], p[j + 2], p[j + 3]);
    p = from - across - 1;
    for (int i = 0; i < 18; i++, p += across)
        for (int j = 0; j < 18; j++) {
            int at = i * PITCH + j;
            b->planes[0][at] = p[j];
            b->planes[1][at] = clip((raw[i + 2][j] + 16) >> 5);
            b->planes[2][at] = clip((six(p[j - 2 * across], p[j - across], p[j], p[j + across], p[j + 2 * across], p[j + 3 * across]) + 16) >> 5);
            b->planes[3][at] = clip((six(raw[i][j], raw[i + 1][j], raw[i + 2][j], raw[i + 3][j], raw[i + 4][j], raw[i + 5][j]) + 512) >> 10);
        }
}

/* The macroblock that lies `v` away, into `out`. */
WIDE static void shifted(const Between *b, Vector v, uint8_t *out)
{
    int fx = v.x & 3, fy = v.y & 3, at = ((v.y >> 2) - b->y + 1) * PITCH + (v.x >> 2) - b->x + 1;
    const uint8_t *whole = b->planes[0] + at, *right = b->planes[1] + at, *down = b->planes[2] + at, *both = b->planes[3] + at;
    const uint8_t *one, *two;
    if (!(fx & 1) && !(fy & 1))
        one = two = fx ? (fy ? both : right) : fy ? down : whole;
    else if (fx & 1 && fy & 1)
        one = right + (fy == 3) * PITCH, two = down + (fx == 3);
    else if (fx & 1)
        one = fy ? both : right, two = (fy ? down : whole) + (fx == 3);
    else
        one = fx ? both : down, two = (fx ? right : whole) + (fy == 3) * PITCH;
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 16; j++)
            out[16 * i + j] = (uint8_t)((one[i * PITCH + j] + two[i * PITCH + j] + 1) >> 1);
}
