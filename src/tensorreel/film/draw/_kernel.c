/* The inner loops of the fast film: reading objects, marking tiles, copying, painting, RGB to YUV.

   Each function has a twin in Python (layer, tiles, painter, kept) that defines it; the tests compare them. Cairo is
   called through addresses taken from the library that pycairo loaded, so building needs no headers but Python's. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

enum { FILL = 0, STROKE = 4, LINE = 8, JOIN = 9, CAP = 10, COLUMNS = 11 }; /* of a style row, as in layer.py */
#define ATOL 1e-6
#define RTOL 1e-5
#define MITER_LIMIT 10.0
#define MANY 64
#define ROOMY 400 /* pixels of a box for each curve in it, beyond which it is not kept */
#define ALPHA 2 /* CAIRO_FORMAT_A8 */
#define MOST (1 << 24) /* objects of a layer: their room can be counted in bytes */
#define GRID 26388279066624.0 /* 1.5 * 2**44 */

typedef struct { double sx, sy, cx, cy, line; } View;
typedef struct { uint8_t *set; Py_ssize_t rows, columns; int size; } Grid;

/* ---- buffers ------------------------------------------------------------------------------------------------ */

typedef struct { Py_buffer held[12]; int count; } Buffers;

static void release(Buffers *all)
{
    while (all->count)
        PyBuffer_Release(&all->held[--all->count]);
}

/* What arrays hold. A byte may be a truth value; a pointer is as wide as one. */
typedef enum { BYTE, INT32, INT64, DOUBLE, POINTER } Kind;

static int is(const Py_buffer *view, Kind kind)
{
    static const char *const letters[] = {"B?", "il", "lq", "d", "LQIN"};
    static const size_t sizes[] = {1, 4, 8, sizeof(double), sizeof(void *)};
    const char *format = view->format ? view->format : "B";
    return view->itemsize == (Py_ssize_t)sizes[kind] && format[0] && !format[1] && strchr(letters[kind], format[0]);
}

/* The memory of an array of `ndim` axes; NULL with an exception if it is something else. */
static Py_buffer *hold(Buffers *all, PyObject *array, Kind kind, int ndim, int flags)
{
    Py_buffer *view = &all->held[all->count];
    if (PyObject_GetBuffer(array, view, flags | PyBUF_STRIDES | PyBUF_FORMAT) < 0)
        return NULL;
    all->count++;
    if (!is(view, kind) || view->ndim != ndim || view->strides[ndim - 1] != view->itemsize) {
        PyErr_SetString(PyExc_ValueError, "array of another kind or shape");
        return NULL;
    }
    return view;
}

static Py_buffer *hold_whole(Buffers *all, PyObject *array, Kind kind, int ndim, int flags)
{
    Py_buffer *view = hold(all, array, kind, ndim, flags);
    if (view && !PyBuffer_IsContiguous(view, 'C')) {
        PyErr_SetString(PyExc_ValueError, "array is not contiguous");
        return NULL;
    }
    return view;
}

static int hold_grid(Buffers *all, PyObject *array, int size, int flags, Grid *grid)
{
    Py_buffer *view = hold_whole(all, array, BYTE, 2, flags);
    if (!view)
        return -1;
    if (size < 1) {
        PyErr_SetString(PyExc_ValueError, "tiles of no size");
        return -1;
    }
    *grid = (Grid){view->buf, view->shape[0], view->shape[1], size};
    return 0;
}

/* Whether `offsets` cut `rows` rows into n pieces of at least one. */
static int cuts(const Py_buffer *offsets, Py_ssize_t n, Py_ssize_t rows)
{
    const int64_t *at = offsets->buf;
    if (offsets->shape[0] != n + 1 || at[0] != 0 || at[n] != rows)
        return 0;
    for (Py_ssize_t i = 0; i < n; i++)
        if (at[i] >= at[i + 1])
            return 0;
    return 1;
}

static int read_view(PyObject *numbers, View *v)
{
    return PyArg_ParseTuple(numbers, "ddddd", &v->sx, &v->sy, &v->cx, &v->cy, &v->line);
}

/* The end of a function: its buffers are given back, and where there is no result an exception says why. */
static PyObject *finish(Buffers *all, PyObject *result, const char *wrong)
{
    if (!result && !PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, wrong);
    release(all);
    return result;
}

/* ---- reading objects ---------------------------------------------------------------------------------------- */

static PyObject *names[8];
enum { POINTS, FILLS, STROKES, WIDTH, BEHIND, JOINT, ENDS, NAMES };
static const char *const spelled[NAMES] = {
    "points", "fill_rgbas", "stroke_rgbas", "stroke_width", "background_stroke_width", "joint_type", "cap_style"};

/* Copy a float64 array [rows, columns] to `out`: 1 done, 0 it is of another shape or kind. */
static int copy_rows(PyObject *array, Py_ssize_t rows, Py_ssize_t columns, int spare, double *out)
{
    Py_buffer view;
    if (PyObject_GetBuffer(array, &view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) < 0) {
        PyErr_Clear();
        return 0;
    }
    int fits = view.ndim == 2 && view.shape[1] == columns && view.format && !strcmp(view.format, "d");
    if (fits) /* spare points behind the last whole curve do not count */
        fits = view.shape[0] >= rows && (spare ? view.shape[0] - view.shape[0] % 4 : view.shape[0]) == rows;
    if (fits)
        memcpy(out, view.buf, rows * columns * sizeof(double));
    PyBuffer_Release(&view);
    return fits;
}

static int number(PyObject *held, double *out)
{
    *out = PyFloat_AsDouble(held);
    if (*out == -1.0 && PyErr_Occurred()) {
        PyErr_Clear();
        return 0;
    }
    return 1;
}

/* One object's points and style row: 1 done, 0 it is not plain. */
static int read_one(PyObject *mob, Py_ssize_t rows, double *points, double *style, PyObject *joins, PyObject *caps)
{
    PyObject *fields = PyObject_GenericGetDict(mob, NULL), *found[NAMES] = {NULL};
    int done = 0;
    if (!fields) {
        PyErr_Clear();
        return 0;
    }
    for (int i = 0; i < NAMES; i++)
        if (!(found[i] = Py_XNewRef(PyDict_GetItemWithError(fields, names[i])))) /* number() may run Python */
            goto out;
    double behind;
    memset(style, 0, COLUMNS * sizeof(double));
    if (!copy_rows(found[POINTS], rows, 3, 1, points) || !copy_rows(found[FILLS], 1, 4, 0, style + FILL) ||
        !copy_rows(found[STROKES], 1, 4, 0, style + STROKE) || !number(found[WIDTH], style + LINE) ||
        !number(found[BEHIND], &behind) || behind != 0)
        goto out;
    if (style[LINE] > 0) {
        PyObject *join = PyDict_GetItemWithError(joins, found[JOINT]), *cap = PyDict_GetItemWithError(caps, found[ENDS]);
        if (!join || !cap || !number(join, style + JOIN) || !number(cap, style + CAP))
            goto out;
    } else
        style[LINE] = 0;
    done = 1;
out:
    PyErr_Clear();
    for (int i = 0; i < NAMES; i++)
        Py_XDECREF(found[i]);
    Py_DECREF(fields);
    return done;
}

/* gather(mobs, joins, caps, offsets, points, styles) -> bool: fill points and styles, False where one is not plain */
static PyObject *gather(PyObject *self, PyObject *args)
{
    PyObject *mobs, *joins, *caps, *o, *p, *s, *result = NULL;
    Buffers all = {.count = 0};
    if (!PyArg_ParseTuple(args, "O!O!O!OOO", &PyList_Type, &mobs, &PyDict_Type, &joins, &PyDict_Type, &caps, &o, &p, &s))
        return NULL;
    Py_buffer *offsets = hold_whole(&all, o, INT64, 1, 0);
    Py_buffer *points = offsets ? hold_whole(&all, p, DOUBLE, 2, PyBUF_WRITABLE) : NULL;
    Py_buffer *styles = points ? hold_whole(&all, s, DOUBLE, 2, PyBUF_WRITABLE) : NULL;
    if (!styles)
        goto out;
    const int64_t *at = offsets->buf;
    Py_ssize_t n = PyList_GET_SIZE(mobs), i = 0;
    if (!cuts(offsets, n, points->shape[0]) || styles->shape[0] != n || styles->shape[1] != COLUMNS || points->shape[1] != 3) {
        PyErr_SetString(PyExc_ValueError, "arrays of another length");
        goto out;
    }
    for (int plain = 1; plain && i < n && i < PyList_GET_SIZE(mobs); i += plain) {
        PyObject *mob = Py_NewRef(PyList_GET_ITEM(mobs, i));
        plain = read_one(mob, at[i + 1] - at[i], (double *)points->buf + 3 * at[i], (double *)styles->buf + COLUMNS * i,
                         joins, caps);
        Py_DECREF(mob);
    }
    result = PyBool_FromLong(i == n);
out:
    release(&all);
    return result;
}

/* ---- what moved --------------------------------------------------------------------------------------------- */

/* Whether two ends of curves count as one. */
static int meet(const double *a, const double *b)
{
    return fabs(a[0] - b[0]) <= ATOL + RTOL * fabs(b[0]) && fabs(a[1] - b[1]) <= ATOL + RTOL * fabs(b[1]);
}

/* Whether cairo sees two points as one: it keeps them in 1/256 pixels. What is added to GRID is rounded to those. */
static int same_place(const double *a, const double *b, const View *v)
{
    return a[0] * v->sx + v->cx + GRID == b[0] * v->sx + v->cx + GRID &&
           v->cy - a[1] * v->sy + GRID == v->cy - b[1] * v->sy + GRID;
}

/* Whether two outlines are the same path to cairo: the same places, joined and closed at the same curves. */
static int same_path(const double *a, const double *b, int64_t curves, const View *v)
{
    const double *run_a = a, *run_b = b;
    for (int64_t k = 0; k < curves; k++, a += 12, b += 12) {
        for (int i = 0; i < 12; i += 3)
            if (!same_place(a + i, b + i, v))
                return 0;
        if (k && meet(a - 3, a) != meet(b - 3, b))
            return 0;
        if (k && !meet(a - 3, a)) {
            if (meet(run_a, a - 3) != meet(run_b, b - 3))
                return 0;
            run_a = a;
            run_b = b;
        }
    }
    return !curves || meet(run_a, a - 3) == meet(run_b, b - 3);
}

/* compare(offsets, points, before, changed, view): changed |= whose outlines are not drawn as before */
static PyObject *compare(PyObject *self, PyObject *args)
{
    PyObject *o, *a, *b, *c, *view, *result = NULL;
    Buffers all = {.count = 0};
    View v;
    if (!PyArg_ParseTuple(args, "OOOOO!", &o, &a, &b, &c, &PyTuple_Type, &view) || !read_view(view, &v))
        return NULL;
    Py_buffer *offsets = hold_whole(&all, o, INT64, 1, 0);
    Py_buffer *now = offsets ? hold_whole(&all, a, DOUBLE, 2, 0) : NULL;
    Py_buffer *before = now ? hold_whole(&all, b, DOUBLE, 2, 0) : NULL;
    Py_buffer *changed = before ? hold_whole(&all, c, BYTE, 1, PyBUF_WRITABLE) : NULL;
    if (!changed)
        goto out;
    const int64_t *at = offsets->buf;
    Py_ssize_t n = changed->shape[0];
    if (now->len != before->len || now->shape[1] != 3 || !cuts(offsets, n, now->shape[0]))
        goto out;
    for (Py_ssize_t i = 0; i < n; i++) {
        const double *x = (const double *)now->buf + 3 * at[i], *y = (const double *)before->buf + 3 * at[i];
        int64_t rows = at[i + 1] - at[i];
        ((uint8_t *)changed->buf)[i] |= memcmp(x, y, rows * 3 * sizeof(double)) && !same_path(x, y, rows / 4, &v);
    }
    result = Py_NewRef(Py_None);
out:
    return finish(&all, result, "arrays of another length");
}

/* ---- where ink can be --------------------------------------------------------------------------------------- */

static void stretch(const double *points, int64_t n, double box[4])
{
    box[0] = box[2] = points[0];
    box[1] = box[3] = points[1];
    for (int64_t k = 1; k < n; k++) {
        double x = points[3 * k], y = points[3 * k + 1];
        box[0] = x < box[0] ? x : box[0];
        box[2] = x > box[2] ? x : box[2];
        box[1] = y < box[1] ? y : box[1];
        box[3] = y > box[3] ? y : box[3];
    }
}

static void to_pixels(const View *v, const double in[4], double margin, double out[4])
{
    out[0] = in[0] * v->sx + v->cx - margin;
    out[2] = in[2] * v->sx + v->cx + margin;
    out[1] = v->cy - in[3] * v->sy - margin;
    out[3] = v->cy - in[1] * v->sy + margin;
}

/* How far corners can reach, in half line widths: see Layer._miters. */
static double miter(const double *points, int64_t curves)
{
    double worst = 1.5;
    for (int64_t k = 0; k < curves; k++) {
        const double *p = points + 12 * k, *q = points + 12 * ((k + 1) % curves);
        double ax = p[9] - p[6], ay = p[10] - p[7], bx = q[3] - q[0], by = q[4] - q[1];
        double size = hypot(ax, ay) * hypot(bx, by), cosine = (ax * bx + ay * by) / size;
        double reach = sqrt(2 / fmax(1 + cosine, 0));
        if (!(size > 0) || isnan(reach))
            return worst > MITER_LIMIT ? worst : MITER_LIMIT;
        if (reach <= MITER_LIMIT && reach > worst)
            worst = reach;
    }
    return worst;
}

typedef struct { const double *points, *styles, *boxes; const int64_t *at; Py_ssize_t n; View view; } Objects;

/* Whether each box that is read is of numbers, if only infinite ones, and each line has a join and a cap of cairo's. */
static int drawable(const Objects *x, int boxes_are_read)
{
    for (Py_ssize_t i = 0; i < x->n; i++) {
        const double *style = x->styles + COLUMNS * i, *box = x->boxes + 4 * i;
        if (!(style[JOIN] >= 0 && style[JOIN] <= 2 && style[CAP] >= 0 && style[CAP] <= 2)) {
            PyErr_SetString(PyExc_ValueError, "a line's join or cap that cairo does not know");
            return 0;
        }
        for (int side = 0; boxes_are_read && side < 4; side++)
            if (isnan(box[side])) {
                PyErr_SetString(PyExc_ValueError, "a box that is no number");
                return 0;
            }
    }
    return 1;
}

static int hold_objects(Buffers *all, PyObject *p, PyObject *o, PyObject *s, PyObject *b, int flags, PyObject *view, Objects *out)
{
    Py_buffer *points = hold_whole(all, p, DOUBLE, 2, 0);
    Py_buffer *offsets = points ? hold_whole(all, o, INT64, 1, 0) : NULL;
    Py_buffer *styles = offsets ? hold_whole(all, s, DOUBLE, 2, 0) : NULL;
    Py_buffer *boxes = styles ? hold_whole(all, b, DOUBLE, 2, flags) : NULL;
    if (!boxes)
        return -1;
    *out = (Objects){points->buf, styles->buf, boxes->buf, offsets->buf, styles->shape[0], {0}};
    if (!read_view(view, &out->view))
        return -1;
    if (styles->shape[1] != COLUMNS || !cuts(offsets, out->n, points->shape[0]) || boxes->shape[0] != out->n ||
        boxes->shape[1] != 4 || points->shape[1] != 3) {
        PyErr_SetString(PyExc_ValueError, "arrays of another length");
        return -1;
    }
    return drawable(out, !(flags & PyBUF_WRITABLE)) ? 0 : -1;
}

/* boxes(points, offsets, styles, boxes, view): where each object's ink can be, in pixels */
static PyObject *boxes(PyObject *self, PyObject *args)
{
    PyObject *p, *o, *s, *b, *view, *result = NULL;
    Buffers all = {.count = 0};
    Objects x;
    if (!PyArg_ParseTuple(args, "OOOOO!", &p, &o, &s, &b, &PyTuple_Type, &view))
        return NULL;
    if (hold_objects(&all, p, o, s, b, PyBUF_WRITABLE, view, &x) < 0)
        goto out;
    for (Py_ssize_t i = 0; i < x.n; i++) {
        const double *points = x.points + 3 * x.at[i];
        int64_t n = x.at[i + 1] - x.at[i];
        double frame[4], margin = 0.5 * x.view.line * x.view.sx * x.styles[COLUMNS * i + LINE];
        if (margin != 0)
            margin *= miter(points, n / 4);
        stretch(points, n, frame);
        to_pixels(&x.view, frame, margin + 1.5, (double *)x.boxes + 4 * i);
    }
    result = Py_NewRef(Py_None);
out:
    release(&all);
    return result;
}

typedef struct { Py_ssize_t x0, y0, x1, y1; } Span;

static Py_ssize_t clamp(double at, Py_ssize_t most)
{
    return !(at > 0) ? 0 : at >= (double)most ? most : (Py_ssize_t)at; /* what is no number is 0 */
}

/* The tiles under a box, half open. */
static Span span(const Grid *g, const double *box)
{
    Span s = {clamp(floor(box[0] / g->size), g->columns), clamp(floor(box[1] / g->size), g->rows),
              clamp(floor(box[2] / g->size) + 1, g->columns), clamp(floor(box[3] / g->size) + 1, g->rows)};
    return s;
}

static void set_tiles(Grid *g, const double *box)
{
    Span s = span(g, box);
    for (Py_ssize_t y = s.y0; y < s.y1 && s.x0 < s.x1; y++)
        memset(g->set + y * g->columns + s.x0, 1, s.x1 - s.x0);
}

/* Pixels between an object's points and the edge of its box: how far its ink can reach from them. */
static double around(const Objects *x, Py_ssize_t i)
{
    double frame[4];
    stretch(x->points + 3 * x->at[i], x->at[i + 1] - x->at[i], frame);
    return frame[0] * x->view.sx + x->view.cx - x->boxes[4 * i];
}

/* Where the ink along one curve of an object can be. */
static void near_curve(const Objects *x, Py_ssize_t i, int64_t curve, double margin, double box[4])
{
    double frame[4];
    stretch(x->points + 3 * x->at[i] + 12 * curve, 4, frame);
    to_pixels(&x->view, frame, margin, box);
}

/* mark(grid, size, chosen, points, offsets, styles, boxes, view): set the tiles that the chosen objects' ink can reach */
static PyObject *mark(PyObject *self, PyObject *args)
{
    PyObject *g, *c, *p, *o, *s, *b, *view, *result = NULL;
    int size;
    Buffers all = {.count = 0};
    Grid grid;
    Objects x;
    if (!PyArg_ParseTuple(args, "OiOOOOOO!", &g, &size, &c, &p, &o, &s, &b, &PyTuple_Type, &view))
        return NULL;
    if (hold_grid(&all, g, size, PyBUF_WRITABLE, &grid) < 0 || hold_objects(&all, p, o, s, b, 0, view, &x) < 0)
        goto out;
    Py_buffer *chosen = hold_whole(&all, c, BYTE, 1, 0);
    if (!chosen || chosen->shape[0] != x.n)
        goto out;
    for (Py_ssize_t i = 0; i < x.n; i++) {
        const double *box = x.boxes + 4 * i;
        int64_t curves = (x.at[i + 1] - x.at[i]) / 4;
        if (!((uint8_t *)chosen->buf)[i])
            continue;
        if (x.styles[COLUMNS * i + 3] > 0 || curves > MANY) {
            set_tiles(&grid, box);
            continue;
        }
        double part[4], margin = around(&x, i);
        for (int64_t k = 0; k < curves; k++) {
            near_curve(&x, i, k, margin, part);
            set_tiles(&grid, part);
        }
    }
    result = Py_NewRef(Py_None);
out:
    return finish(&all, result, "arrays of another length");
}

/* ---- painting ----------------------------------------------------------------------------------------------- */

typedef void *Context, *Surface;
typedef struct {
    void (*new_path)(Context);
    void (*move_to)(Context, double, double);
    void (*curve_to)(Context, double, double, double, double, double, double);
    void (*close_path)(Context);
    void (*set_source_rgba)(Context, double, double, double, double);
    void (*set_line_width)(Context, double);
    void (*set_line_join)(Context, int);
    void (*set_line_cap)(Context, int);
    void (*fill)(Context);
    void (*fill_preserve)(Context);
    void (*stroke)(Context);
    void (*mask_surface)(Context, Surface, double, double);
    Surface (*image_surface_create)(int, int, int);
    uint8_t *(*image_surface_get_data)(Surface);
    int (*image_surface_get_stride)(Surface);
    void (*surface_mark_dirty)(Surface);
    void (*surface_destroy)(Surface);
} Cairo;

static void outline(const Cairo *cairo, Context c, const double *points, int64_t curves)
{
    const double *run = points;
    for (int64_t k = 0; k < curves; k++) {
        const double *p = points + 12 * k;
        if (k == 0 || !meet(p - 3, p)) {
            if (k && meet(run, p - 3))
                cairo->close_path(c);
            cairo->move_to(c, p[0], p[1]);
            run = p;
        }
        cairo->curve_to(c, p[3], p[4], p[6], p[7], p[9], p[10]);
    }
    if (curves && meet(run, points + 12 * curves - 3))
        cairo->close_path(c);
}

/* The surface holds RGBA where cairo writes BGRA: colours go in reversed. */
static void set_colour(const Cairo *cairo, Context c, const double *rgba)
{
    cairo->set_source_rgba(c, rgba[2], rgba[1], rgba[0], rgba[3]);
}

static void set_line(const Cairo *cairo, Context c, const double *style, double line)
{
    cairo->set_line_width(c, style[LINE] * line);
    cairo->set_line_join(c, (int)style[JOIN]);
    cairo->set_line_cap(c, (int)style[CAP]);
}

static void ink(const Cairo *cairo, Context c, const double *style, double line, int fills, int strokes)
{
    if (fills) {
        set_colour(cairo, c, style + FILL);
        (strokes ? cairo->fill_preserve : cairo->fill)(c);
    }
    if (strokes) {
        set_colour(cairo, c, style + STROKE);
        set_line(cairo, c, style, line);
        cairo->stroke(c);
    }
}

static int meets(const Grid *g, const double *box)
{
    Span s = span(g, box);
    for (Py_ssize_t y = s.y0; y < s.y1 && s.x0 < s.x1; y++)
        if (memchr(g->set + y * g->columns + s.x0, 1, s.x1 - s.x0))
            return 1;
    return 0;
}

/* Whether a line drawn along an object's outline reaches a set tile: a frame does not where only its inside changed. */
static int line_meets(const Grid *g, const Objects *x, Py_ssize_t i)
{
    int64_t curves = (x->at[i + 1] - x->at[i]) / 4;
    double box[4], margin = around(x, i);
    if (curves > MANY)
        return 1;
    for (int64_t k = 0; k < curves; k++) {
        near_curve(x, i, k, margin, box);
        if (meets(g, box))
            return 1;
    }
    return 0;
}

/* What the fills of a layer's objects cover, as cairo found it: 8-bit masks, to be inked again in whatever colour.
   An object that only fades, or that something else passes over, is not traced again. */
typedef struct { int x, y, width, height; } Area;
typedef struct { Surface mask; Area area; } Cover;
typedef struct { Py_ssize_t n; Cairo cairo; Cover each[]; } Covers;

static void uncover(const Cairo *cairo, Cover *cover)
{
    if (cover->mask)
        cairo->surface_destroy(cover->mask);
    cover->mask = NULL;
}

static void free_covers(PyObject *capsule)
{
    Covers *all = PyCapsule_GetPointer(capsule, "covers");
    for (Py_ssize_t i = 0; i < all->n; i++)
        uncover(&all->cairo, &all->each[i]);
    PyMem_Free(all);
}

/* covers(cairo, n): room for what n objects cover */
static PyObject *covers(PyObject *self, PyObject *args)
{
    PyObject *calls, *result = NULL;
    Py_ssize_t n;
    Buffers all = {.count = 0};
    if (!PyArg_ParseTuple(args, "On", &calls, &n))
        return NULL;
    Py_buffer *table = hold_whole(&all, calls, POINTER, 1, 0);
    if (!table || table->len != sizeof(Cairo) || n < 0 || n > MOST)
        goto out;
    Covers *made = PyMem_Calloc(1, sizeof(Covers) + n * sizeof(Cover));
    if (made) {
        made->n = n;
        made->cairo = *(const Cairo *)table->buf;
        result = PyCapsule_New(made, "covers", free_covers);
    }
out:
    return finish(&all, result, "array of another length");
}

/* Where masks are traced: an alpha surface as large as the picture, so that cairo cuts outlines at the same edges. */
typedef struct { Context context; uint8_t *rows; Py_ssize_t stride, width, height; } Stencil;

/* The pixels of a box that are in the picture. */
static Area area(const Stencil *s, const double *box)
{
    int x0 = (int)clamp(floor(box[0]), s->width), y0 = (int)clamp(floor(box[1]), s->height);
    int x1 = (int)clamp(ceil(box[2]), s->width), y1 = (int)clamp(ceil(box[3]), s->height);
    return (Area){x0, y0, x1 > x0 ? x1 - x0 : 0, y1 > y0 ? y1 - y0 : 0};
}

/* Cut what was traced out of the stencil, which is clear again; NULL where there is no memory. */
static Surface cut(const Cairo *cairo, const Stencil *s, Area a)
{
    Surface made = cairo->image_surface_create(ALPHA, a.width, a.height);
    uint8_t *to = cairo->image_surface_get_data(made), *from = s->rows + a.y * s->stride + a.x;
    for (int y = 0, step = cairo->image_surface_get_stride(made); y < a.height; y++, from += s->stride) {
        if (to)
            memcpy(to + (Py_ssize_t)y * step, from, a.width);
        memset(from, 0, a.width);
    }
    if (to)
        cairo->surface_mark_dirty(made);
    else
        cairo->surface_destroy(made);
    return to ? made : NULL;
}

/* Contexts of one picture: `drawn` in frame units, `plain` in pixels. */
typedef struct { const Cairo *cairo; Context drawn, plain; Stencil stencil; uint32_t *pixels; } Easel;

static int hold_easel(Buffers *all, PyObject *easel, Easel *out)
{
    PyObject *calls, *stencil, *sheet;
    unsigned long long drawn, plain, traced;
    if (!PyArg_ParseTuple(easel, "OKKKOO", &calls, &drawn, &plain, &traced, &stencil, &sheet))
        return -1;
    Py_buffer *table = hold_whole(all, calls, POINTER, 1, 0);
    Py_buffer *rows = table ? hold(all, stencil, BYTE, 2, PyBUF_WRITABLE) : NULL;
    Py_buffer *pixels = rows ? hold_whole(all, sheet, BYTE, 3, PyBUF_WRITABLE) : NULL;
    if (!pixels || table->len != sizeof(Cairo) || pixels->shape[0] != rows->shape[0] ||
        pixels->shape[1] != rows->shape[1] || pixels->shape[2] != 4)
        return -1;
    *out = (Easel){table->buf, (Context)(uintptr_t)drawn, (Context)(uintptr_t)plain,
                   {(Context)(uintptr_t)traced, rows->buf, rows->strides[0], rows->shape[1], rows->shape[0]}, pixels->buf};
    return 0;
}

static void trace(const Cairo *cairo, Context c, const Objects *x, Py_ssize_t i)
{
    cairo->new_path(c);
    outline(cairo, c, x->points + 3 * x->at[i], (x->at[i + 1] - x->at[i]) / 4);
}

/* Keep what an object's fill covers. Returns whether it is kept: not of large and plain ones, which are sooner traced
   than copied. */
static int cover(const Easel *e, const Objects *x, Py_ssize_t i, Area a, Cover *kept)
{
    if ((int64_t)a.width * a.height > ROOMY * (x->at[i + 1] - x->at[i]) / 4)
        return 0;
    if (kept->mask && memcmp(&kept->area, &a, sizeof a)) /* of another box: it has other rows */
        uncover(e->cairo, kept);
    if (!kept->mask) {
        trace(e->cairo, e->stencil.context, x, i);
        e->cairo->fill(e->stencil.context);
        *kept = (Cover){cut(e->cairo, &e->stencil, a), a};
    }
    return kept->mask != NULL;
}

/* cairo's own sums for an opaque colour, which round otherwise than those of its masks. */
static uint32_t share(uint32_t pair, uint32_t part)
{
    uint32_t t = (pair & 0xff00ff) * part + 0x7f007f;
    return (t + (t >> 8 & 0xff00ff)) >> 8 & 0xff00ff;
}

static uint32_t lerp(uint32_t new, uint32_t part, uint32_t old)
{
    uint32_t rest = 255 - part, even = share(new, part) + share(old, rest), odd = share(new >> 8, part) + share(old >> 8, rest);
    even |= 0x1000100 - (even >> 8 & 0xff00ff);
    odd |= 0x1000100 - (odd >> 8 & 0xff00ff);
    return (even & 0xff00ff) | (odd & 0xff00ff) << 8;
}

static uint32_t byte(double part)
{
    return (uint32_t)(part * 65535 + 0.5) >> 8;
}

static void cover_opaquely(const Easel *e, Surface mask, Area a, const double *rgba)
{
    const uint8_t *row = e->cairo->image_surface_get_data(mask);
    int step = e->cairo->image_surface_get_stride(mask);
    uint32_t new = byte(rgba[3]) << 24 | byte(rgba[2] * rgba[3]) << 16 | byte(rgba[1] * rgba[3]) << 8 | byte(rgba[0] * rgba[3]);
    for (int y = 0; y < a.height; y++, row += step) {
        uint32_t *to = e->pixels + (a.y + y) * e->stencil.width + a.x;
        for (int x = 0; x < a.width; x++)
            if (row[x])
                to[x] = row[x] == 255 ? new : lerp(new, row[x], to[x]);
    }
}

static void ink_cover(const Easel *e, Surface mask, Area a, const double *rgba)
{
    if (rgba[3] * 65535 + 0.5 >= 0xff00) { /* opaque, to cairo */
        cover_opaquely(e, mask, a, rgba);
        return;
    }
    set_colour(e->cairo, e->plain, rgba);
    e->cairo->mask_surface(e->plain, mask, a.x, a.y);
}

/* Draw one object: with the mask that is kept of it, unless it is moving. Lines are traced each time: the ink of a sharp
   turn inside a curve can lie outside its box, where the stencil would not be cleared. */
static void paint_one(const Easel *e, const Objects *x, Py_ssize_t i, int fills, int strokes, uint8_t *moved, Cover *kept)
{
    const double *style = x->styles + COLUMNS * i;
    Area a = area(&e->stencil, x->boxes + 4 * i);
    int moving = *moved;
    *moved = 0;
    if (moving)
        uncover(e->cairo, kept);
    if (strokes || moving || !cover(e, x, i, a, kept)) {
        trace(e->cairo, e->drawn, x, i);
        ink(e->cairo, e->drawn, style, x->view.line, fills, strokes);
    } else
        ink_cover(e, kept->mask, a, style + FILL);
}

/* paint(easel, covers, moved, grid, size, first, last, points, offsets, styles, boxes, view): objects first to last - 1
   that meet the set tiles; what covers holds of a moved one is made anew, and it is no longer marked as moved */
static PyObject *paint(PyObject *self, PyObject *args)
{
    PyObject *easel, *held, *m, *g, *p, *o, *s, *b, *view, *result = NULL;
    int size;
    Py_ssize_t first, last;
    Buffers all = {.count = 0};
    Grid grid;
    Objects x;
    Easel e;
    if (!PyArg_ParseTuple(args, "O!OOOinnOOOOO!", &PyTuple_Type, &easel, &held, &m, &g, &size, &first, &last, &p, &o, &s, &b,
                          &PyTuple_Type, &view))
        return NULL;
    Covers *kept = PyCapsule_GetPointer(held, "covers");
    if (!kept || hold_easel(&all, easel, &e) < 0 || hold_grid(&all, g, size, 0, &grid) < 0 ||
        hold_objects(&all, p, o, s, b, 0, view, &x) < 0)
        goto out;
    Py_buffer *moved = hold_whole(&all, m, BYTE, 1, PyBUF_WRITABLE);
    if (!moved || moved->shape[0] != x.n || kept->n != x.n || first < 0)
        goto out;
    for (Py_ssize_t i = first; i < last && i < x.n; i++) {
        const double *style = x.styles + COLUMNS * i;
        int fills = style[3] > 0, strokes = style[LINE] > 0 && style[STROKE + 3] > 0;
        if (!fills && !strokes)
            continue;
        if (!meets(&grid, x.boxes + 4 * i) || (!fills && !line_meets(&grid, &x, i)))
            continue;
        paint_one(&e, &x, i, fills, strokes, (uint8_t *)moved->buf + i, kept->each + i);
    }
    result = Py_NewRef(Py_None);
out:
    return finish(&all, result, "arrays of another length");
}

/* ---- RGB to YUV --------------------------------------------------------------------------------------------- */

#define BITS 13
#define MACROBLOCK 16

WIDE static void luma_row(const uint32_t *pixels, uint8_t *out, int n, const int32_t *w)
{
    const int32_t r = w[0], g = w[1], b = w[2];
    for (int x = 0; x < n; x++) {
        int32_t p = (int32_t)pixels[x];
        out[x] = (uint8_t)((r * (p & 255) + g * (p >> 8 & 255) + b * (p >> 16 & 255) + (16 << BITS) + (1 << (BITS - 1))) >> BITS);
    }
}

WIDE static void chroma_row(const uint32_t *above, const uint32_t *below, uint8_t *u, uint8_t *v, int n, const int32_t *w)
{
    const int32_t half = (128 << (BITS + 2)) + (1 << (BITS + 1));
    for (int x = 0; x < n; x++) {
        uint32_t a = above[2 * x], b = above[2 * x + 1], c = below[2 * x], d = below[2 * x + 1];
        uint32_t rb = (a & 0xff00ff) + (b & 0xff00ff) + (c & 0xff00ff) + (d & 0xff00ff);
        int32_t red = (int32_t)(rb & 0xffff), blue = (int32_t)(rb >> 16);
        int32_t green = (int32_t)((a >> 8 & 255) + (b >> 8 & 255) + (c >> 8 & 255) + (d >> 8 & 255));
        u[x] = (uint8_t)((w[3] * red + w[4] * green + w[5] * blue + half) >> (BITS + 2));
        v[x] = (uint8_t)((w[6] * red + w[7] * green + w[8] * blue + half) >> (BITS + 2));
    }
}

/* Write one row of a plane where it differs, and note the blocks of `side` in which it does. */
static void put(uint8_t *row, const uint8_t *new, int start, int n, int side, uint8_t *blocks)
{
    for (int x = 0; x < n;) {
        int step = side - (start + x) % side;
        step = step < n - x ? step : n - x;
        if (memcmp(row + x, new + x, step)) {
            memcpy(row + x, new + x, step);
            blocks[(start + x) / side] = 1;
        }
        x += step;
    }
}

/* convert(pixels, y, u, v, grid, size, weights, blocks): the set tiles of the picture into the planes */
static PyObject *convert(PyObject *self, PyObject *args)
{
    PyObject *in, *planes[3], *g, *weights, *changed, *result = NULL;
    int size;
    Buffers all = {.count = 0};
    Grid grid;
    Py_buffer *out[3] = {NULL};
    if (!PyArg_ParseTuple(args, "OOOOOiOO", &in, &planes[0], &planes[1], &planes[2], &g, &size, &weights, &changed))
        return NULL;
    Py_buffer *pixels = hold_whole(&all, in, BYTE, 3, 0);
    for (int i = 0; pixels && i < 3; i++)
        if (!(out[i] = hold(&all, planes[i], BYTE, 2, PyBUF_WRITABLE)))
            break;
    if (!out[2] || hold_grid(&all, g, size, 0, &grid) < 0)
        goto out;
    Py_buffer *w = hold_whole(&all, weights, INT32, 2, 0);
    Py_buffer *blocks = w ? hold_whole(&all, changed, BYTE, 2, PyBUF_WRITABLE) : NULL;
    if (!blocks)
        goto out;
    Py_ssize_t height = pixels->shape[0], width = pixels->shape[1], line = 4 * width;
    if (width > 16384 || size % 2 || size < 2 || pixels->shape[2] != 4 || width % 2 || height % 2 ||
        grid.columns * size < width || grid.rows * size < height || w->len != 36 ||
        blocks->shape[0] * MACROBLOCK < height || blocks->shape[1] * MACROBLOCK < width)
        goto out;
    for (int i = 0; i < 3; i++)
        if (out[i]->shape[0] != (i ? height / 2 : height) || out[i]->shape[1] != (i ? width / 2 : width))
            goto out;
    uint8_t fresh[16384], other[8192];
    for (Py_ssize_t y = 0; y < height; y += 2) {
        const uint8_t *tiles = grid.set + y / size * grid.columns;
        uint8_t *noted = (uint8_t *)blocks->buf + y / MACROBLOCK * blocks->shape[1];
        for (Py_ssize_t t = 0; t < grid.columns; t++) {
            if (!tiles[t])
                continue;
            int x0 = (int)(t * size);
            while (t + 1 < grid.columns && tiles[t + 1])
                t++;
            int x1 = (int)((t + 1) * size < width ? (t + 1) * size : width), n = x1 - x0;
            const uint32_t *above = (const uint32_t *)((const uint8_t *)pixels->buf + y * line) + x0;
            const uint32_t *below = (const uint32_t *)((const uint8_t *)above + line);
            uint8_t *row = (uint8_t *)out[0]->buf + y * out[0]->strides[0] + x0;
            luma_row(above, fresh, n, w->buf);
            put(row, fresh, x0, n, MACROBLOCK, noted);
            luma_row(below, fresh, n, w->buf);
            put(row + out[0]->strides[0], fresh, x0, n, MACROBLOCK, noted);
            chroma_row(above, below, fresh, other, n / 2, w->buf);
            put((uint8_t *)out[1]->buf + y / 2 * out[1]->strides[0] + x0 / 2, fresh, x0 / 2, n / 2, MACROBLOCK / 2, noted);
            put((uint8_t *)out[2]->buf + y / 2 * out[2]->strides[0] + x0 / 2, other, x0 / 2, n / 2, MACROBLOCK / 2, noted);
        }
    }
    result = Py_NewRef(Py_None);
out:
    return finish(&all, result, "arrays of another kind or shape");
}

/* ---- copying ------------------------------------------------------------------------------------------------ */

/* copy(to, from, tiles, size): the set tiles of one RGBA picture into another of its size. */
static PyObject *copy(PyObject *self, PyObject *args)
{
    PyObject *into, *of, *g, *result = NULL;
    int size;
    Buffers all = {.count = 0};
    Grid grid;
    if (!PyArg_ParseTuple(args, "OOOi", &into, &of, &g, &size))
        return NULL;
    Py_buffer *to = hold_whole(&all, into, BYTE, 3, PyBUF_WRITABLE);
    Py_buffer *from = to ? hold_whole(&all, of, BYTE, 3, 0) : NULL;
    if (!from || hold_grid(&all, g, size, 0, &grid) < 0)
        goto out;
    Py_ssize_t height = to->shape[0], width = to->shape[1], line = 4 * width;
    if (size < 1 || to->shape[2] != 4 || from->shape[0] != height || from->shape[1] != width || from->shape[2] != 4 ||
        grid.columns * size < width || grid.rows * size < height)
        goto out;
    for (Py_ssize_t y = 0; y < height; y++) {
        const uint8_t *tiles = grid.set + y / size * grid.columns;
        for (Py_ssize_t t = 0; t < grid.columns; t++) {
            if (!tiles[t])
                continue;
            Py_ssize_t x0 = t * size;
            while (t + 1 < grid.columns && tiles[t + 1])
                t++;
            Py_ssize_t x1 = (t + 1) * size < width ? (t + 1) * size : width, at = y * line + 4 * x0;
            memcpy((uint8_t *)to->buf + at, (const uint8_t *)from->buf + at, 4 * (x1 - x0));
        }
    }
    result = Py_NewRef(Py_None);
out:
    return finish(&all, result, "arrays of another kind or shape");
}

/* ---- the module --------------------------------------------------------------------------------------------- */

static PyMethodDef methods[] = {
    {"gather", gather, METH_VARARGS, "Read objects' points and style rows; False where one is not plain."},
    {"compare", compare, METH_VARARGS, "Flag the objects whose outlines are drawn in other places."},
    {"boxes", boxes, METH_VARARGS, "Where each object's ink can be, in pixels."},
    {"mark", mark, METH_VARARGS, "Set the tiles that the chosen objects' ink can reach."},
    {"copy", copy, METH_VARARGS, "Copy the set tiles from one picture to another."},
    {"covers", covers, METH_VARARGS, "Room for what objects cover."},
    {"paint", paint, METH_VARARGS, "Draw the objects that meet the set tiles."},
    {"convert", convert, METH_VARARGS, "Convert the set tiles from RGBA to YUV."},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_kernel", "Inner loops of the fast film.", -1, methods,
                                        NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void)
{
    for (int i = 0; i < NAMES; i++)
        if (!(names[i] = PyUnicode_InternFromString(spelled[i])))
            return NULL;
    return PyModule_Create(&definition);
}
