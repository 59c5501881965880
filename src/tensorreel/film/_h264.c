/* A small H.264 coder for film of this kind: flat pictures in which little changes, and what changes is known.

   Constrained baseline, one slice a picture, one reference: ITU-T H.264. Its work goes with the macroblocks that
   changed; the others are skipped without being looked at. All arithmetic is in integers, so the bytes are the same
   everywhere. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "_h264_search.h"
#include "_h264_intra.h"

#define BLOCKS 10 /* bits by which 4x4 prediction must be better than another between key frames */

/* ---- the choice ------------------------------------------------------------------------------------------------- */

/* The best way to predict the macroblock in hand whole from its neighbours. */
static Found choose_whole(Coder *k)
{
    Found best = {{DC, 0}, 1 << 30};
    uint8_t out[256];
    for (int mode = 0; mode < 3; mode++) {
        if ((k->around & needed[mode]) != needed[mode])
            continue;
        predict(mode, corner(k, k->now, 0), across(k, 0), 16, k->around, out);
        int cost = difference(k->source[0], 16, out, 16, 16, 16);
        if (cost < best.cost)
            best = (Found){{(int16_t)mode, 0}, cost};
    }
    predict(best.v.x, corner(k, k->now, 0), across(k, 0), 16, k->around, out);
    best.cost = likeness16(k->source[0], 16, out, 16) + 8 * k->lambda;
    return best;
}

/* Code the macroblock in hand the way that seems cheapest. */
static void code_macroblock(Coder *k)
{
    Found moved = {{0, 0}, 1 << 30}, whole = {{0, 0}, 1 << 30};
    if (!k->key && try_skip(k))
        return;
    if (!k->key)
        moved = search(k);
    if (k->key || k->near > NEAR * k->lambda)
        whole = choose_whole(k);
    int limit = moved.cost < whole.cost ? moved.cost : whole.cost, bias = k->key ? 0 : BLOCKS * k->lambda;
    if ((k->key ? whole.cost : k->near) > NEAR * k->lambda && try_blocks(k, limit - bias) < limit - bias)
        code_blocks(k);
    else if (moved.cost <= whole.cost)
        code_inter(k, moved.v);
    else
        code_whole(k, whole.v.x);
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

/* From macroblock x of a row on: how many follow that did not change. */
static int same(const uint8_t *changed, int x, int columns)
{
    const uint8_t *next = memchr(changed + x, 1, columns - x);
    return (int)(next ? next - changed : columns) - x;
}

/* All macroblocks. One that did not change may be skipped if the vector that skipping implies is zero; then those to
   its right may be, too, and none of them is looked at. */
static int code_picture(Coder *k, uint8_t *const planes[3], const int strides[3], const uint8_t *changed)
{
    for (int y = 0; y < k->rows; y++, changed += k->columns)
        for (int x = 0; x < k->columns; x++) {
            take(k, x, y);
            Vector v = skipped_vector(k);
            if (!k->key && !changed[x] && !v.x && !v.y) {
                int n = same(changed, x, k->columns);
                k->run += n;
                x += n - 1;
                continue;
            }
            if (make_room(&k->bits) < 0)
                return -1;
            k->written[0][k->count[0]++] = y * k->columns + x;
            fetch(k, planes, strides);
            code_macroblock(k);
        }
    return 0;
}

/* What was coded is what the next picture refers to. */
static void settle(Coder *k)
{
    for (int n = 0; n < k->count[0]; n++) {
        k->x = k->written[0][n] % k->columns, k->y = k->written[0][n] / k->columns;
        for (int i = 0; i < 3; i++)
            copy(corner(k, k->before, i), across(k, i), corner(k, k->now, i), across(k, i), i ? 8 : 16, i ? 8 : 16);
    }
}

/* Begin a picture: the one before steps back, and of the one before that nothing is left. */
static void turn(Coder *k)
{
    Macro *macros = k->past;
    int *written = k->written[1], count = k->count[1];
    for (int n = 0; n < count; n++)
        memset(macros + (written[n] / k->columns + 1) * (k->columns + 2) + written[n] % k->columns + 1, 0, sizeof(Macro));
    k->past = k->macros, k->macros = macros;
    k->written[1] = k->written[0], k->written[0] = written;
    k->count[1] = k->count[0], k->count[0] = 0;
}

static void prepare(Coder *k, int qp, int key)
{
    static const uint8_t colour[22] = {29, 30, 31, 32, 32, 33, 34, 34, 35, 35, 36, 36, 37, 37, 37, 38, 38, 38, 39, 39, 39, 39};
    static const uint8_t lambdas[40] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1,  1,  1,  1,  1,  2,  2,  2,  2,
                                        3, 3, 3, 4, 4, 4, 5, 6, 6, 7,  8,  9,  10, 11, 13, 14, 16, 18, 20, 23};
    int other = qp < 30 ? qp : colour[qp - 30];
    k->inter = quantiser(qp, 11), k->intra = quantiser(qp, 21);
    k->coarse = quantiser(other, 11), k->fine = quantiser(other, 21);
    k->lambda = lambdas[qp < 40 ? qp : 39];
    k->key = key;
    k->run = 0;
    k->bits.length = 0;
    k->bits.count = 0;
    turn(k);
}

/* The slice's bytes: a start code before it, and its own bytes escaped so that none appears in it (7.4.1.1). */
static PyObject *wrapped(const Bits *b, int key)
{
    uint8_t *out = PyMem_Malloc(5 + b->length * 3 / 2 + 1);
    if (!out)
        return PyErr_NoMemory();
    size_t n = 5;
    memcpy(out, "\0\0\0\1", 4);
    out[4] = key ? 0x65 : 0x41;
    for (size_t i = 0, zeros = 0; i < b->length; i++) {
        if (zeros == 2 && b->bytes[i] <= 3) {
            out[n++] = 3;
            zeros = 0;
        }
        zeros = b->bytes[i] ? 0 : zeros + 1;
        out[n++] = b->bytes[i];
    }
    PyObject *result = PyBytes_FromStringAndSize((const char *)out, (Py_ssize_t)n);
    PyMem_Free(out);
    return result;
}

/* ---- the module ------------------------------------------------------------------------------------------------- */

static const char NAME[] = "tensorreel.film._h264.coder";

static void forget(PyObject *capsule)
{
    discard(PyCapsule_GetPointer(capsule, NAME));
}

/* coder(width, height) */
static PyObject *coder(PyObject *self, PyObject *args)
{
    int width, height;
    if (!PyArg_ParseTuple(args, "ii", &width, &height))
        return NULL;
    if (width < 2 || height < 2 || width % 2 || height % 2 || width > 16384 || height > 16384) {
        PyErr_SetString(PyExc_ValueError, "sides must be even, 2 to 16384");
        return NULL;
    }
    Coder *made = create(width, height);
    return made ? PyCapsule_New(made, NAME, forget) : PyErr_NoMemory();
}

/* The memory of an array of bytes with rows of `width`; -1 with an exception if it is something else. */
static int hold(PyObject *array, Py_buffer *view, Py_ssize_t height, Py_ssize_t width)
{
    if (PyObject_GetBuffer(array, view, PyBUF_STRIDES) < 0)
        return -1;
    if (view->ndim == 2 && view->itemsize == 1 && view->strides[1] == 1 && view->shape[0] == height && view->shape[1] == width)
        return 0;
    PyBuffer_Release(view);
    PyErr_SetString(PyExc_ValueError, "array of another kind or shape");
    return -1;
}

/* code(coder, y, u, v, changed, key, header, bits, qp) -> bytes: one picture. `header` is the slice header's bits, as
   the low `bits` of a number. */
static PyObject *code(PyObject *self, PyObject *args)
{
    PyObject *capsule, *arrays[4], *result = NULL;
    unsigned long long header;
    int key, bits, qp, held = 0;
    if (!PyArg_ParseTuple(args, "OOOOOpKii", &capsule, &arrays[0], &arrays[1], &arrays[2], &arrays[3], &key, &header, &bits, &qp))
        return NULL;
    Coder *k = PyCapsule_GetPointer(capsule, NAME);
    if (!k)
        return NULL;
    Py_buffer views[4];
    Py_ssize_t shapes[4][2] = {{k->height, k->width}, {k->height / 2, k->width / 2}, {k->height / 2, k->width / 2}, {k->rows, k->columns}};
    while (held < 4 && hold(arrays[held], &views[held], shapes[held][0], shapes[held][1]) == 0)
        held++;
    if (held == 4 && (qp < 0 || qp > 51 || bits < 1 || bits > 64 || views[3].strides[0] != k->columns))
        PyErr_SetString(PyExc_ValueError, "quantiser, header or array out of range");
    else if (held == 4) {
        uint8_t *const planes[3] = {views[0].buf, views[1].buf, views[2].buf};
        const int strides[3] = {(int)views[0].strides[0], (int)views[1].strides[0], (int)views[2].strides[0]};
        prepare(k, qp, key);
        int failed = make_room(&k->bits);
        if (!failed) {
            if (bits > 32)
                put(&k->bits, (uint32_t)(header >> 32), bits - 32);
            put(&k->bits, (uint32_t)header, bits < 32 ? bits : 32);
            failed = code_picture(k, planes, strides, views[3].buf) || make_room(&k->bits);
        }
        if (failed)
            PyErr_NoMemory();
        else {
            if (k->run)
                put_ue(&k->bits, (uint32_t)k->run);
            put(&k->bits, 1, 1);
            put(&k->bits, 0, (8 - k->bits.count) % 8);
            settle(k);
            result = wrapped(&k->bits, key);
        }
    }
    while (held)
        PyBuffer_Release(&views[--held]);
    return result;
}

/* seen(coder) -> bytes: Y, U and V of the last picture as a decoder has it, in whole macroblocks */
static PyObject *seen(PyObject *self, PyObject *capsule)
{
    Coder *k = PyCapsule_GetPointer(capsule, NAME);
    return k ? PyBytes_FromStringAndSize((const char *)k->memory, (Py_ssize_t)k->columns * k->rows * 384) : NULL;
}

static PyMethodDef methods[] = {{"coder", coder, METH_VARARGS, "A coder of pictures of one size."},
                                {"code", code, METH_VARARGS, "One picture as the bytes of a slice."},
                                {"seen", seen, METH_O, "The last picture as a decoder has it."},
                                {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_h264", "A small H.264 coder.", -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__h264(void)
{
    return PyModule_Create(&definition);
}
