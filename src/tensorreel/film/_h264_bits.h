/* Writing the bits of a slice: Exp-Golomb numbers and CAVLC coefficients (ITU-T H.264, 9.1 and 9.2). */
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "_h264_tables.h"

#define WORST 8192 /* bytes that a macroblock and what stands before it can take at the very most */

typedef struct { uint8_t *bytes; size_t length, room; uint64_t held; int count; } Bits;

/* The `n` (at most 32) low bits of `value`, which has no others. */
static inline void put(Bits *b, uint32_t value, int n)
{
    b->held = b->held << n | value;
    for (b->count += n; b->count >= 8; b->bytes[b->length++] = (uint8_t)(b->held >> b->count))
        b->count -= 8;
}

static inline void put_ue(Bits *b, uint32_t value)
{
    put(b, value + 1, 2 * (32 - __builtin_clz(value + 1)) - 1);
}

static inline void put_se(Bits *b, int value)
{
    put_ue(b, value > 0 ? 2 * (uint32_t)value - 1 : 2 * (uint32_t)-value);
}

static inline int size_se(int value)
{
    uint32_t code = value > 0 ? 2 * (uint32_t)value : 2 * (uint32_t)-value + 1;
    return 2 * (32 - __builtin_clz(code)) - 1;
}

static inline void put_code(Bits *b, Code code)
{
    put(b, code.value, code.length);
}

/* Room for one more macroblock: 0 done, -1 no memory. */
static int make_room(Bits *b)
{
    if (b->length + WORST <= b->room)
        return 0;
    uint8_t *more = realloc(b->bytes, 2 * b->room + WORST);
    if (!more)
        return -1;
    b->bytes = more;
    b->room = 2 * b->room + WORST;
    return 0;
}

/* One level that is no trailing one; `code` is 2|level| - 2, or one more for a negative one. */
static void put_level(Bits *b, int code, int suffix)
{
    int escape = suffix ? 15 << suffix : 30;
    if (code >= escape) {
        put(b, 1, 16);
        put(b, (uint32_t)(code - escape), 12);
    } else if (suffix) {
        put(b, 1, (code >> suffix) + 1);
        put(b, (uint32_t)code & ((1u << suffix) - 1), suffix);
    } else if (code >= 14) {
        put(b, 1, 15);
        put(b, (uint32_t)code - 14, 4);
    } else
        put(b, 1, code + 1);
}

/* The levels of a block, highest frequency first, of which `ones` are trailing ones. */
static void put_levels(Bits *b, const int16_t *found, int total, int ones)
{
    int suffix = total > 10 && ones < 3;
    for (int i = 0; i < ones; i++)
        put(b, found[i] < 0, 1);
    for (int i = ones; i < total; i++) {
        int size = abs(found[i]), code = 2 * size - 2 + (found[i] < 0);
        put_level(b, i == ones && ones < 3 ? code - 2 : code, suffix);
        suffix = suffix ? suffix : 1;
        if (suffix < 6 && size > 3 << (suffix - 1))
            suffix++;
    }
}

static void put_token(Bits *b, int near, int total, int ones)
{
    if (near < 0)
        put_code(b, chroma_token[ones][total]);
    else if (near < 8)
        put_code(b, coeff_token[near < 2 ? 0 : near < 4 ? 1 : 2][ones][total]);
    else
        put(b, total ? (uint32_t)((total - 1) << 2 | ones) : 3, 6);
}

/* `n` coefficients in scanning order; `near` is what neighbours let expect (nC), -1 for chroma's DC. */
static void put_block(Bits *b, const int16_t *levels, int n, int near)
{
    int16_t found[16];
    int gaps[16], total = 0, ones = 0, last = n;
    for (int i = n - 1; i >= 0; i--)
        if (levels[i]) {
            gaps[total] = last - i - 1; /* zeros between this one and the one written before it */
            found[total++] = levels[i];
            last = i;
        }
    while (ones < total && ones < 3 && abs(found[ones]) == 1)
        ones++;
    put_token(b, near, total, ones);
    if (!total)
        return;
    put_levels(b, found, total, ones);
    int zeros = n - gaps[0] - total;
    if (total < n)
        put_code(b, near < 0 ? chroma_zeros[total - 1][zeros] : total_zeros[total - 1][zeros]);
    for (int i = 1; i < total && zeros > 0; i++) {
        put_code(b, run_before[zeros < 7 ? zeros - 1 : 6][gaps[i]]);
        zeros -= gaps[i];
    }
}
