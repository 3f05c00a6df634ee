/* Minimal fast SMPP 3.4 message centre for benchmarks (one thread, epoll, loopback).
 *
 *   smppsim [-p smpp_port] [-c control_port] [-d] [-D dlr_delay_ms] [-r resp_delay_ms] [-w dlr_window]
 *
 * Accepts any bind, answers submit_sm with a ten-digit decimal id and, with -d and when
 * registered_delivery asks for it, sends a DELIVRD receipt.  A receipt that was not answered when its
 * connection ended, or was answered with an error, is sent again.  A message text that holds
 * "B<8 digits> <16 hex monotonic µs>" is counted per tag (missing / seen twice) and its end-to-end
 * latency goes to a histogram; any other text counts under the last eight digits of its destination.
 *
 * Control port (HTTP/1.1 keep-alive): /stats /reset /cfg?dlr=0|1&delay=ms&resp=ms
 * /seen?from=A&n=N (raw counts, one byte per tag), /cb?from=A&n=N (same for callbacks),
 * anything else is a delivery-receipt callback sink: counts, notes tag=NNNNNNNN of the URL and
 * answers 200 "ACK/Jasmin", or notes the last eight digits of each <mobile> of a POST and answers "1". */
#include "bench.h"

typedef struct { uint64_t due; int fd; uint32_t gen; uint16_t len; uint8_t d[320]; } late;
typedef struct { late *q; size_t head, n, cap; } fifo;
/* un: receipts sent here and not answered yet, in order of sequence; the first one has number unseq */
typedef struct { int fd, kind, bound, dead, wantout; uint32_t gen, seq, unseq; buf in, out; fifo un; } conn;
enum { L_SMPP, L_HTTP, SMPP, HTTP };

static conn *C[65536];
static int ep, dlr_on, nrecv, rx[4096];
static uint64_t dlr_delay, resp_delay, dlr_window, unacked;
static uint32_t gen, msgid = 1000000000u;
static uint8_t *seen, *cb;
static fifo fr, fd_;
static hist e2e, cbl;
static struct { uint64_t submits, uniq, dup, untagged, dlr_sent, dlr_ack, dlr_nack, cbs, cb_uniq, first, last, cb_first, cb_last, binds, rd, ack_last, repeated; } S;

static late *push(fifo *f) {
    if (f->n == f->cap) {
        size_t nc = f->cap ? f->cap * 2 : 1024;
        late *q = malloc(nc * sizeof *q);
        for (size_t i = 0; i < f->n; i++) q[i] = f->q[(f->head + i) % f->cap];
        free(f->q); f->q = q; f->head = 0; f->cap = nc;
    }
    return &f->q[(f->head + f->n++) % f->cap];
}
static void pop(fifo *f) { f->head = (f->head + 1) % f->cap; f->n--; }

static void flush(conn *c) {
    while (c->out.off < c->out.len) {
        ssize_t k = send(c->fd, c->out.p + c->out.off, c->out.len - c->out.off, MSG_NOSIGNAL);
        if (k <= 0) { if (k < 0 && errno != EAGAIN) c->dead = 1; break; }
        c->out.off += k;
    }
    int want = c->out.off < c->out.len;
    if (want != c->wantout) {
        struct epoll_event e = {.events = EPOLLIN | (want ? EPOLLOUT : 0), .data.fd = c->fd};
        epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
        c->wantout = want;
    }
}
static void again(late *l, uint64_t due) { /* a receipt that nobody took */
    late *n = push(&fd_);
    memcpy(n, l, sizeof *n); n->due = due; S.repeated++;
}
static void drop(conn *c) {
    for (; c->un.n; pop(&c->un)) if (c->un.q[c->un.head].len) { unacked--; again(&c->un.q[c->un.head], now_us()); }
    free(c->un.q);
    for (int i = 0; i < nrecv; i++) if (rx[i] == c->fd) { rx[i] = rx[--nrecv]; break; }
    close(c->fd); C[c->fd] = 0; free(c->in.p); free(c->out.p); free(c);
}
static void add(int fd, int kind) {
    conn *c = calloc(1, sizeof *c);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
    c->fd = fd; c->kind = kind; c->gen = ++gen; C[fd] = c;
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}
static size_t pdu(uint8_t *o, uint32_t cmd, uint32_t st, uint32_t sq, const void *body, size_t n) {
    wr32(o, 16 + n); wr32(o + 4, cmd); wr32(o + 8, st); wr32(o + 12, sq);
    memcpy(o + 16, body, n);
    return 16 + n;
}
static void reply(conn *c, uint32_t cmd, uint32_t st, uint32_t sq, const void *body, size_t n) {
    uint8_t o[128];
    size_t k = pdu(o, cmd, st, sq, body, n);
    buf_put(&c->out, o, k);
}
static void receipts(uint64_t now) { /* send the receipts that are due, to any bound receiver */
    static unsigned rr;
    while (fd_.n && nrecv && fd_.q[fd_.head].due <= now) {
        if (dlr_window && unacked >= dlr_window) break;
        conn *c = C[rx[rr++ % nrecv]];
        late *l = &fd_.q[fd_.head];
        wr32(l->d + 12, ++c->seq);
        if (!c->un.n) c->unseq = c->seq;
        memcpy(push(&c->un), l, sizeof *l); unacked++;
        buf_put(&c->out, l->d, l->len);
        pop(&fd_); S.dlr_sent++;
        flush(c);
    }
}
static void answered(conn *c, uint32_t status, uint32_t sq) {
    uint64_t now = now_us();
    if (sq - c->unseq >= c->un.n) return;
    late *l = &c->un.q[(c->un.head + sq - c->unseq) % c->un.cap];
    if (!l->len) return;
    unacked--;
    if (status) { S.dlr_nack++; again(l, now + 1000000); } else { S.dlr_ack++; S.ack_last = now; }
    for (l->len = 0; c->un.n && !c->un.q[c->un.head].len; c->unseq++) pop(&c->un);
}
static int dest_tag(const uint8_t *dst, uint32_t *tag) {
    size_t n = strlen((const char *)dst);
    *tag = n < 8 ? MAXTAG : (uint32_t)strtoul((const char *)dst + n - 8, 0, 10);
    return *tag < MAXTAG;
}
static void submit(conn *c, const uint8_t *p, uint32_t len, uint32_t sq) {
    const uint8_t *e = p + len, *q = p + 16, *src, *dst;
#define CSTR() do { while (q < e && *q) q++; q++; } while (0)
    uint64_t now = now_us(), ts;
    uint32_t tag;
    CSTR(); q += 2; src = q; CSTR(); q += 2; dst = q; CSTR(); q += 3; CSTR(); CSTR();
    if (q + 5 > e) { reply(c, 0x80000004, 2, sq, "", 0); return; }
    int rd = q[0] & 3, sl = q[4];
    const uint8_t *txt = q + 5;
    if (!sl && txt + 4 <= e && txt[0] == 4 && txt[1] == 0x24) { sl = txt[2] << 8 | txt[3]; txt += 4; }
    if (txt + sl > e) { reply(c, 0x80000004, 1, sq, "", 0); return; }
    if (!S.submits++) S.first = now;
    S.last = now; S.rd += !!rd;
    uint8_t flat[512];
    if (q[2] == 8) { int k = 0; for (int i = 1; i < sl && k < 512; i += 2) flat[k++] = txt[i]; txt = flat; sl = k; } /* UCS-2: the low octets */
    ts = 0;
    if (find_tag(txt, sl, &tag, &ts) || dest_tag(dst, &tag)) {
        if (seen[tag]) S.dup++; else S.uniq++;
        if (seen[tag] < 255) seen[tag]++;
        if (ts && ts <= now) hist_add(&e2e, now - ts);
    } else S.untagged++;
    char id[16];
    int n = sprintf(id, "%010u", msgid++) + 1;
    if (resp_delay) {
        late *l = push(&fr);
        l->due = now + resp_delay; l->fd = c->fd; l->gen = c->gen;
        l->len = pdu(l->d, 0x80000004, 0, sq, id, n);
    } else reply(c, 0x80000004, 0, sq, id, n);
    if (dlr_on && rd) {
        char b[300]; int k = 0;
        static char when[16]; static time_t at;
        time_t t = time(0);
        if (t != at) { struct tm m; gmtime_r(&t, &m); strftime(when, sizeof when, "%y%m%d%H%M", &m); at = t; }
        b[k++] = 0; b[k++] = 1; b[k++] = 1; k += sprintf(b + k, "%.20s", dst) + 1;
        b[k++] = 1; b[k++] = 1; k += sprintf(b + k, "%.20s", src) + 1;
        memcpy(b + k, "\4\0\0\0\0\0\0\0\0", 9); k += 9;
        int at_len = k++;
        int m = sprintf(b + k, "id:%s sub:001 dlvrd:001 submit date:%s done date:%s stat:DELIVRD err:000 text:x", id, when, when);
        b[at_len] = m; k += m;
        memcpy(b + k, "\x00\x1e\x00\x0b", 4); memcpy(b + k + 4, id, 11); k += 15;
        memcpy(b + k, "\x04\x27\x00\x01\x02", 5); k += 5;
        late *l = push(&fd_);
        l->due = now + (dlr_delay > resp_delay ? dlr_delay : resp_delay);
        l->len = pdu(l->d, 5, 0, 0, b, k);
    }
}
static void smpp_in(conn *c) {
    while (c->in.len - c->in.off >= 16) {
        uint8_t *p = c->in.p + c->in.off;
        uint32_t len = rd32(p), cmd = rd32(p + 4), sq = rd32(p + 12);
        if (len < 16 || len > 65536) { c->dead = 1; return; }
        if (c->in.len - c->in.off < len) return;
        switch (cmd) {
        case 1: case 2: case 9:
            reply(c, cmd | 0x80000000u, 0, sq, "sim\0\x02\x10\x00\x01\x34", 9);
            S.binds++; c->bound = 1;
            if (cmd != 2 && nrecv < 4096) rx[nrecv++] = c->fd;
            break;
        case 4: submit(c, p, len, sq); break;
        case 0x15: case 6: reply(c, cmd | 0x80000000u, 0, sq, "", 0); break;
        case 0x80000005: answered(c, rd32(p + 8), sq); break;
        case 0x80000015: case 0x80000006: case 0x80000000: break;
        default: reply(c, 0x80000000u, 3, sq, "", 0);
        }
        c->in.off += len;
    }
}
static unsigned long arg(const char *u, const char *k, unsigned long d) {
    const char *s = strstr(u, k);
    return s ? strtoul(s + strlen(k), 0, 10) : d;
}
static void http_body(conn *c, const char *type, const void *d, size_t n) {
    char h[160];
    int k = sprintf(h, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", type, n);
    buf_put(&c->out, h, k); buf_put(&c->out, d, n);
}
static void http_in(conn *c) {
    for (;;) {
        char *p = (char *)c->in.p + c->in.off;
        size_t n = c->in.len - c->in.off;
        char *h = n ? memmem(p, n, "\r\n\r\n", 4) : 0;
        if (!h) return;
        *h = 0;
        char *cl = strcasestr(p, "\ncontent-length:");
        size_t total = h + 4 - p + (cl ? strtoul(cl + 16, 0, 10) : 0);
        if (n < total) { *h = '\r'; return; }
        int close_it = strcasestr(p, "\nconnection: close") != 0 || strstr(p, "HTTP/1.0\r\n") != 0;
        char *u = strchr(p, ' '), *eol = strstr(p, "\r\n");
        if (eol) *eol = 0;
        u = u ? u + 1 : "";
        if (!strncmp(u, "/stats", 6)) {
            char o[1200];
            int k = sprintf(o, "{\"submits\":%lu,\"uniq\":%lu,\"dup\":%lu,\"untagged\":%lu,\"registered\":%lu,\"dlr_sent\":%lu,\"dlr_ack\":%lu,"
                "\"dlr_nack\":%lu,\"dlr_queued\":%zu,\"cbs\":%lu,\"cb_uniq\":%lu,\"first_us\":%lu,\"last_us\":%lu,\"cb_first_us\":%lu,\"cb_last_us\":%lu,"
                "\"binds\":%lu,\"bound\":%d,\"ack_last_us\":%lu,\"repeated\":%lu,\"e2e_p50_us\":%lu,\"e2e_p99_us\":%lu,\"e2e_max_us\":%lu,\"now_us\":%lu,\"cpu_s\":%.3f}",
                S.submits, S.uniq, S.dup, S.untagged, S.rd, S.dlr_sent, S.dlr_ack, S.dlr_nack, fd_.n, S.cbs, S.cb_uniq, S.first, S.last,
                S.cb_first, S.cb_last, S.binds, nrecv, S.ack_last, S.repeated, hist_q(&e2e, .5), hist_q(&e2e, .99), e2e.max, now_us(), self_cpu());
            http_body(c, "application/json", o, k);
        } else if (!strncmp(u, "/reset", 6)) {
            memset(&S, 0, sizeof S); memset(&e2e, 0, sizeof e2e); memset(&cbl, 0, sizeof cbl);
            free(seen); free(cb); seen = calloc(MAXTAG, 1); cb = calloc(MAXTAG, 1);
            http_body(c, "text/plain", "ok", 2);
        } else if (!strncmp(u, "/cfg", 4)) {
            dlr_on = arg(u, "dlr=", dlr_on); dlr_delay = arg(u, "delay=", dlr_delay / 1000) * 1000;
            resp_delay = arg(u, "resp=", resp_delay / 1000) * 1000; dlr_window = arg(u, "window=", dlr_window);
            http_body(c, "text/plain", "ok", 2);
        } else if (!strncmp(u, "/seen", 5) || !strncmp(u, "/cb?", 4)) {
            unsigned long a = arg(u, "from=", 0), k = arg(u, "n=", 0);
            if (a + k > MAXTAG) k = 0;
            http_body(c, "application/octet-stream", (u[1] == 's' ? seen : cb) + a, k);
        } else {
            uint64_t now = now_us();
            unsigned long t = arg(u, "tag=", MAXTAG);
            if (!S.cbs++) S.cb_first = now;
            S.cb_last = now;
            if (t < MAXTAG) { if (!cb[t]) S.cb_uniq++; if (cb[t] < 255) cb[t]++; }
            int xml = 0; /* a POST of status reports: the last eight digits of each <mobile> are the tag */
            for (char *m = h + 4, *e = p + total; (m = memmem(m, e - m, "<mobile>", 8)); ) {
                char *z = memchr(m, '/', e - m);
                if (!z || z - 1 - (m + 8) < 8) break;
                unsigned long g = 0;
                for (char *d = z - 9; d < z - 1; d++) g = g * 10 + (*d - '0');
                if (g < MAXTAG) { if (!cb[g]) S.cb_uniq++; if (cb[g] < 255) cb[g]++; }
                xml = 1; m = z;
            }
            if (xml) http_body(c, "text/plain", "1", 1); else http_body(c, "text/plain", "ACK/Jasmin", 10);
        }
        c->in.off += total;
        if (close_it) { flush(c); c->dead = 1; return; }
    }
}
int main(int ac, char **av) {
    int sp = 2775, cp = 9191, o;
    while ((o = getopt(ac, av, "p:c:dD:r:w:")) > 0) switch (o) {
        case 'p': sp = atoi(optarg); break;
        case 'c': cp = atoi(optarg); break;
        case 'd': dlr_on = 1; break;
        case 'D': dlr_delay = atol(optarg) * 1000; break;
        case 'r': resp_delay = atol(optarg) * 1000; break;
        case 'w': dlr_window = atol(optarg); break;
        default: return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    seen = calloc(MAXTAG, 1); cb = calloc(MAXTAG, 1);
    ep = epoll_create1(0);
    add(tcp_listen(sp), L_SMPP); add(tcp_listen(cp), L_HTTP);
    for (;;) {
        struct epoll_event ev[256];
        uint64_t now = now_us(), due = ~0ull;
        if (fr.n) due = fr.q[fr.head].due;
        if (fd_.n && nrecv && fd_.q[fd_.head].due < due && !(dlr_window && unacked >= dlr_window)) due = fd_.q[fd_.head].due;
        int wait = due == ~0ull ? 1000 : due <= now ? 0 : (int)((due - now) / 1000) + 1;
        int n = epoll_wait(ep, ev, 256, wait);
        for (int i = 0; i < n; i++) {
            conn *c = C[ev[i].data.fd];
            if (!c) continue;
            if (c->kind <= L_HTTP) {
                int fd, one = 1;
                while ((fd = accept4(c->fd, 0, 0, SOCK_NONBLOCK)) >= 0) {
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    add(fd, c->kind == L_SMPP ? SMPP : HTTP);
                }
                continue;
            }
            if (ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
                ssize_t k = recv(c->fd, buf_room(&c->in, 65536), 65536, 0);
                if (k > 0) { c->in.len += k; if (c->kind == SMPP) smpp_in(c); else http_in(c); }
                else if (k == 0 || errno != EAGAIN) c->dead = 1;
            }
            flush(c);
            if (c->dead) drop(c);
        }
        now = now_us();
        while (fr.n && fr.q[fr.head].due <= now) {
            late *l = &fr.q[fr.head];
            conn *c = C[l->fd];
            if (c && c->gen == l->gen) { buf_put(&c->out, l->d, l->len); flush(c); }
            pop(&fr);
        }
        receipts(now);
    }
}
