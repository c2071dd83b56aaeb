// A WebSocket that goes on with fresh tokens (POST /.bearward/renew), and whose client knows by which one it is open:
// it ends with that one, neither earlier nor later, and soon when that one is revoked.
#include "tests/simulation/actors.hpp"
#include "tests/simulation/websocket_talk.hpp"

#include <algorithm>
#include <optional>

namespace bearward::simulation {
namespace {

/// From the revocation to the Close: a second, and what the simulated network and calls take.
constexpr nanoseconds revoked_in_time = 1200ms;
constexpr nanoseconds look = 500ms; ///< how often a client looks at the time

struct kept_socket {
    asked* what = nullptr;
    std::string id;
    bool ends_on_expiry = true;
    std::vector<const credential*> by; ///< more than one while it is unknown which counts
    bool over = false;                 ///< it may be that the worker knows it no longer

    /// When it has to be over at the latest.
    [[nodiscard]] nanoseconds end(const ledger& book) const {
        nanoseconds latest{0};
        for (const auto* each : by) {
            latest = std::max(latest, std::min(ends_on_expiry ? each->expires : nanoseconds::max(), book.withdrawn_at(*each)));
        }
        return latest;
    }
    /// When all by which it may be open are revoked.
    [[nodiscard]] nanoseconds revoked(const ledger& book) const {
        nanoseconds latest{0};
        for (const auto* each : by) {
            latest = std::max(latest, book.withdrawn_at(*each));
        }
        return latest;
    }
};

nanoseconds after(nanoseconds moment, nanoseconds wait) {
    return moment > nanoseconds::max() - wait ? nanoseconds::max() : moment + wait;
}

/// Mostly one that is good for a while; earlier or later than the one before.
const credential& choose_fresh(world& in, const credential& before, choices& random) {
    const auto kind = random.below(100);
    if (kind < 15) {
        return choose_credential(random);
    }
    if (kind < 20) {
        return choose_named(in, static_cast<unsigned>(random.between(30, 90)), random);
    }
    const auto passed = std::chrono::ceil<std::chrono::seconds>(in.kernel.time.now() - timeline::started_at).count();
    const auto person = before.user == "ada" ? 0U : before.user == "bob" ? 1U : 2U;
    const auto& fresh = named_credential(person, static_cast<unsigned>(passed) + static_cast<unsigned>(random.between(1, 60)));
    in.named.push_back(&fresh);
    return fresh;
}

task<> renew(world& in, std::shared_ptr<kept_socket> socket, choices random) {
    const auto line = co_await open_client_now(in, choose_network(random), random);
    if (!line || socket->over) {
        co_return;
    }
    const auto& fresh = choose_fresh(in, *socket->by.front(), random);
    const std::string body = R"({"socket": ")" + socket->id + "\"}";
    asked& what =
        in.book.ask({.method = "POST", .path = "/.bearward/renew", .who = &fresh, .body_size = body.size(), .told_size = body.size()});
    const bool ours = fresh.user == socket->what->who->user;
    in.kernel.trace("  asks ", std::to_string(what.number), ": renews that of ", std::to_string(socket->what->number));
    std::string text = "POST /.bearward/renew HTTP/1.1\r\nHost: app.test\r\nX-Number: " + std::to_string(what.number) + "\r\n";
    text += fresh.given() ? "Authorization: Bearer " + fresh.token + "\r\n" : "";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    const auto before = socket->by;
    socket->by.push_back(&fresh);
    in.book.begin(what);
    const bool sent = co_await line->send(std::move(text));
    message_reader reader(in.kernel, *line);
    const auto answer = co_await reader.read_response("POST");
    in.book.receive_renewal(what, answer, ours);
    if (sent && answer.how == completeness::whole && answer.status() == 204) {
        socket->by = {&fresh};
    } else if (answer.how == completeness::whole) {
        socket->by = before;
    }
    random.percent(50) ? line->finish() : line->reset();
}

task<> renew_now_and_then(world& in, std::shared_ptr<kept_socket> socket, choices random) {
    for (auto left = random.between(0, 4); left != 0 && !socket->over; --left) {
        co_await in.kernel.time.sleep(choose_pause(random, 25s));
        if (!socket->over) {
            co_await renew(in, socket, random.fork(left));
        }
    }
}

/// Reads until the end; the code of the Close, 0: there was none.
task<unsigned> watch_socket(world& in, peer& line, frame_reader& reader, kept_socket& socket, nanoseconds patience, choices& random) {
    numbered theirs{of_app + socket.what->number * 1000};
    while (in.kernel.time.now() < patience) {
        const bool was_whole = !reader.has_part();
        const auto began = in.kernel.time.now();
        auto came = co_await reader.next(std::min(look, patience - began));
        const auto now = in.kernel.time.now();
        if (came && came->masked) {
            in.kernel.fault("a frame with the wrong masking");
        }
        if (came && came->opcode == close_frame) {
            socket.over = true;
            check_close(in.book, *socket.what, socket.by, *came, now);
            co_await line.send(make_close(came->code() == 0 ? 1000 : came->code(), true, random));
            co_return came->code();
        }
        if (came && came->opcode == text_frame && !theirs.check(came->payload)) {
            in.book.fault(*socket.what, "its WebSocket's client gets another message than the one that was sent");
        }
        if (came) {
            continue;
        }
        if (!line.alive()) {
            break;
        }
        const bool quiet = was_whole && !reader.has_part() && now - began >= look;
        if (quiet && began > after(socket.revoked(in.book), revoked_in_time)) {
            in.book.fault(*socket.what, "its WebSocket is open a second after its token was revoked");
            break;
        }
        if (in.book.generations() == 1 && now > after(socket.end(in.book), close_in_time)) {
            in.book.fault(*socket.what, "its WebSocket is open for longer than it may be");
            break;
        }
    }
    socket.over = true;
    co_return 0;
}

} // namespace

task<> renewing_client(world& in, choices random) {
    const auto line = co_await open_client(in, random);
    if (!line) {
        co_return;
    }
    const auto& who = choose_named(in, static_cast<unsigned>(random.between(25, 70)), random);
    asked& what = in.book.ask({.method = "WS", .path = "/kept/ws", .who = &who, .websocket = true});
    const auto socket = std::make_shared<kept_socket>();
    socket->what = &what;
    socket->id = "socket-of-request-" + std::to_string(what.number);
    socket->by = {&who};
    in.kernel.trace("  asks ", std::to_string(what.number), ": a WebSocket that is renewed");
    const bool sent = co_await line->send(make_handshake(what, random.percent(50), socket->id));
    message_reader head(in.kernel, *line);
    const auto answer = co_await head.read_response("GET");
    in.book.receive_handshake(what, answer);
    if (!sent || answer.status() != 101 || answer.field("x-answer").empty()) {
        random.percent(50) ? line->finish() : line->reset();
        co_return;
    }
    socket->ends_on_expiry = in.book.newest().find(what.path).close_on_expiry;
    frame_reader reader(in.kernel, *line, head.take_rest());
    const auto over = std::shared_ptr<bool>(socket, &socket->over);
    in.kernel.time.spawn(talk(in, line, {what.number * 1000}, true, random.fork(5), over), "messages of a client");
    in.kernel.time.spawn(renew_now_and_then(in, socket, random.fork(6)), "renewals");
    const auto patience = in.kernel.time.now() + (random.percent(30) ? choose_pause(random, 90s) : nanoseconds(200s));
    const auto code = co_await watch_socket(in, *line, reader, *socket, patience, random);
    in.kernel.trace("  the WebSocket of ", std::to_string(what.number), " ended with ", std::to_string(code));
    if (code != 0) {
        co_await line->receive(20s); // the app may take 10 s to go
        if (line->alive()) {
            in.kernel.fault("a WebSocket stays open behind a Close");
        }
    }
    random.percent(50) ? line->finish() : line->reset();
}

} // namespace bearward::simulation
