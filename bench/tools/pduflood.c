/* Customers' load over SMPP or CMPP sessions (one thread, epoll, loopback): PDUs are made from templates.
 *
 *   pduflood -p port -H head_octets -L login -F submit [-c sessions] [-i idle_sessions] [-w window] [-n messages]
 *            [-t seconds] [-r per_second] [-R reports] [-W report_wait_s] [-s first_tag] [-l latencies.bin]
 *
 * login, submit: whole PDUs in hexadecimal digits; wherever a submit holds eight zeros as text its tag is written, at most
 * four times. head_octets: 16 (SMPP) or 12 (CMPP 3.0). -R: reports to wait for, a submit. -r: on a fixed timetable, the sessions
 * in turn, latency counted from the planned start; late_p99_us: how long after that it was written. -l: little-endian uint32
 * microseconds of every answer. Deliveries are answered at
 * once. */
#include "bench.h"
#include <poll.h>

typedef struct { int fd, bound, inflight, wantout; buf in, out; uint64_t *t0; uint32_t seq; } sess;
static sess *S; static int ns = 1, turn; /* whose turn it is on a timetable */
static int window = 100, head = 16, ep; static uint64_t N = 100000, sent_n, resp_n, ok_n, dlr_n, status[65536]; static uint32_t first = 1;
static hist lat, late; static buf every; static uint64_t end, began; static uint8_t login[512], form[4096]; static int nlogin, nform, at[4], nat; static double rate;

static int unhex(const char *s, uint8_t *to, int most) {
    int n = 0; unsigned x;
    for (; s[0] && s[1] && n < most; s += 2) { if (sscanf(s, "%2x", &x) != 1) return -1; to[n++] = x; }
    return n;
}
static void flush(sess *s) {
    while (s->out.off < s->out.len) {
        ssize_t k = send(s->fd, s->out.p + s->out.off, s->out.len - s->out.off, MSG_NOSIGNAL);
        if (k <= 0) break;
        s->out.off += k;
    }
    int w = s->out.off < s->out.len;
    if (w != s->wantout) {
        struct epoll_event e = {.events = EPOLLIN | (w ? EPOLLOUT : 0), .data.ptr = s};
        epoll_ctl(ep, EPOLL_CTL_MOD, s->fd, &e); s->wantout = w;
    }
}
static void answer(sess *s, uint32_t cmd, const uint8_t *p, const void *b, int n) {
    uint8_t h[16];
    wr32(h, head + n); wr32(h + 4, cmd); wr32(h + 8, 0); memcpy(h + head - 4, p + head - 4, 4);
    buf_put(&s->out, h, head); if (n) buf_put(&s->out, b, n);
}
static void submit(sess *s, uint64_t due) {
    uint8_t b[4096]; char digits[9]; uint32_t tag = first + (uint32_t)sent_n++, q = s->seq++;
    memcpy(b, form, nform); sprintf(digits, "%08u", tag);
    for (int i = 0; i < nat; i++) memcpy(b + at[i], digits, 8);
    wr32(b + head - 4, q);
    s->t0[q & 65535] = due;
    buf_put(&s->out, b, nform); s->inflight++;
}
static void fill(sess *s) {
    uint64_t t = now_us();
    while (!rate && s->bound && s->inflight < window && sent_n < N && t < end) submit(s, t);
    flush(s);
}
/* Submits what is due; returns when the next one is: a millisecond from now while all windows are full */
static uint64_t keep_timetable(void) {
    uint64_t t = now_us(), due = t;
    for (int full = 0; full < ns && sent_n < N && t < end; turn = (turn + 1) % ns) {
        due = began + (uint64_t)(sent_n * 1e6 / rate);
        if (due > t) break;
        sess *s = &S[turn];
        if (s->inflight < window) { submit(s, due); hist_add(&late, t - due); full = 0; } else full++;
    }
    for (int i = 0; i < ns; i++) flush(&S[i]);
    return due > t ? due : t + 1000;
}
/* Events that come until then; poll counts nanoseconds, epoll milliseconds */
static int events_until(uint64_t due, struct epoll_event *ev, int most) {
    uint64_t t = now_us(), left = due > t ? due - t : 0;
    struct timespec wait = {left / 1000000, left % 1000000 * 1000};
    struct pollfd some = {.fd = ep, .events = POLLIN};
    ppoll(&some, 1, &wait, 0);
    return epoll_wait(ep, ev, most, 0);
}
int main(int ac, char **av) {
    int port = 2775, idle = 0, o; double secs = 120, dw = 30, per = 0; const char *lf = 0;
    while ((o = getopt(ac, av, "p:H:L:F:c:i:w:n:t:r:R:W:s:l:")) > 0) switch (o) {
        case 'p': port = atoi(optarg); break;
        case 'H': head = atoi(optarg); break;
        case 'L': nlogin = unhex(optarg, login, sizeof login); break;
        case 'F': nform = unhex(optarg, form, sizeof form); break;
        case 'c': ns = atoi(optarg); break;
        case 'i': idle = atoi(optarg); break;
        case 'w': window = atoi(optarg); break;
        case 'n': N = atoll(optarg); break;
        case 't': secs = atof(optarg); break;
        case 'r': rate = atof(optarg); break;
        case 'R': per = atof(optarg); break;
        case 'W': dw = atof(optarg); break;
        case 's': first = atol(optarg); break;
        case 'l': lf = optarg; break;
        default: return 2;
    }
    if (nlogin < head || nform < head || ns + idle > 60000) return 2;
    for (int i = head; i + 8 <= nform && nat < 4; i++) if (!memcmp(form + i, "00000000", 8)) { at[nat++] = i; i += 7; }
    signal(SIGPIPE, SIG_IGN);
    ep = epoll_create1(0); 
    uint64_t bind0 = now_us(), bound_us = 0;
    S = calloc(ns + idle, sizeof *S);
    for (int i = 0; i < ns + idle; i++) {
        sess *s = &S[i];
        s->fd = tcp_connect(port); if (s->fd < 0) { perror("connect"); return 1; }
        s->t0 = calloc(65536, 8); s->seq = 2;
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = s};
        epoll_ctl(ep, EPOLL_CTL_ADD, s->fd, &e);
        buf_put(&s->out, login, nlogin); flush(s);
    }
    uint64_t last = now_us(), dlast = 0, stopped = 0, next = last; int gone = 0, unbound = ns + idle;
    began = last; end = began + (uint64_t)(secs * 1e6);
    while (!gone) {
        uint64_t now = now_us(); int in = 0;
        for (int i = 0; i < ns; i++) in += S[i].inflight;
        if (!unbound && !in && (sent_n >= N || now >= end)) {
            if (!stopped) stopped = now;
            if (!per || dlr_n >= (uint64_t)(ok_n * per) || now > stopped + (uint64_t)(dw * 1e6)) break;
        }
        if (now > end + 20000000 + (uint64_t)(dw * 1e6)) break;
        struct epoll_event ev[64];
        int n = events_until(next, ev, 64);
        for (int i = 0; i < n; i++) {
            sess *s = ev[i].data.ptr;
            ssize_t k = recv(s->fd, buf_room(&s->in, 65536), 65536, 0);
            if (k > 0) s->in.len += k; else if (k == 0 || errno != EAGAIN) { gone = 1; break; }
            uint64_t t = now_us();
            while (s->in.len - s->in.off >= head) {
                uint8_t *p = s->in.p + s->in.off; uint32_t len = rd32(p), cmd = rd32(p + 4), q = rd32(p + head - 4);
                if (len < head || len > 65536) { gone = 1; break; }
                if (s->in.len - s->in.off < len) break;
                uint32_t st = head == 16 ? rd32(p + 8) : len >= head + 12 ? rd32(p + head + 8) : 0;
                if (cmd == 0x80000009u || cmd == 0x80000001u) {
                    if (head == 12) st = rd32(p + head);
                    if (st) { fprintf(stderr, "login refused: %u\n", st); return 1; }
                    if (s < S + ns) s->bound = 1;
                    if (!--unbound) { began = t; end = t + (uint64_t)(secs * 1e6); bound_us = t - bind0; for (int j = 0; j < ns; j++) fill(&S[j]); }
                } else if (cmd == 0x80000004u) {
                    uint32_t us = t - s->t0[q & 65535];
                    s->inflight--; resp_n++; last = t; status[st & 65535]++; hist_add(&lat, us); buf_put(&every, &us, 4);
                    ok_n += !st;
                } else if (cmd == 5) {
                    uint8_t body[12] = {0};
                    dlr_n++; dlast = t;
                    if (head == 12) memcpy(body, p + head, 8);
                    answer(s, 0x80000005u, p, body, head == 12 ? 12 : 1);
                } else if (cmd == 0x15) answer(s, 0x80000015u, p, "", 0);
                else if (cmd == 8 && head == 12) answer(s, 0x80000008u, p, "", 1);
                s->in.off += len;
            }
            if (!unbound) fill(s); else flush(s);
        }
        next = rate && !unbound ? keep_timetable() : now_us() + 100000;
    }
    double el = (last - began) / 1e6;
    printf("{\"sent\":%lu,\"ok\":%lu,\"err\":%lu,\"elapsed\":%.3f,\"p50_us\":%lu,\"p99_us\":%lu,\"max_us\":%lu,\"reports\":%lu,"
        "\"late_p99_us\":%lu,\"reports_s\":%.3f,\"binds_s\":%.3f,\"cut\":%d,\"cpu_s\":%.3f,\"status\":{", sent_n, ok_n, sent_n - ok_n, el,
        hist_q(&lat, .5), hist_q(&lat, .99), lat.max, dlr_n, hist_q(&late, .99), dlast ? (dlast - began) / 1e6 : 0.0, bound_us / 1e6, gone, self_cpu());
    for (int i = 0, c = 0; i < 65536; i++) if (status[i]) printf("%s\"%d\":%lu", c++ ? "," : "", i, status[i]);
    printf("}}\n");
    if (lf) write_file(lf, every.p, every.len);
    return 0;
}
