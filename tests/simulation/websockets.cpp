// Both ends of WebSockets.
#include "tests/simulation/actors.hpp"
#include "tests/simulation/websocket_talk.hpp"

namespace bearward::simulation {
namespace {

/// Reads messages, checks them, answers a Close unless it is `stubborn`. The code of the Close; 0: there was none.
/// `of`: whose Close by Bearward has to have a cause; null: it is not looked at.
task<unsigned> listen(world& in, peer& line, frame_reader& reader, numbered theirs, bool masked, nanoseconds until,
                      std::shared_ptr<bool> over, bool stubborn, const asked* of, choices& random) {
    while (in.kernel.time.now() < until) {
        const auto came = co_await reader.next(until - in.kernel.time.now());
        if (!came) {
            break;
        }
        if (came->masked == masked) {
            in.kernel.fault("a frame with the wrong masking");
        }
        if (came->opcode == close_frame) {
            *over = true;
            if (of != nullptr) {
                check_close(in.book, *of, {of->who}, *came, in.kernel.time.now());
            }
            if (!stubborn) {
                co_await line.send(make_close(came->code() == 0 ? 1000 : came->code(), masked, random));
            }
            co_return came->code();
        }
        if (came->opcode == text_frame && !theirs.check(came->payload)) {
            in.kernel.fault(std::string(masked ? "a WebSocket's client" : "a WebSocket's app") +
                            " gets another message than the one that was sent");
        }
    }
    *over = true;
    co_return 0;
}

} // namespace

task<> websocket_client(world& in, choices random) {
    const auto line = co_await open_client(in, random);
    if (!line) {
        co_return;
    }
    static const char* const paths[] = {"/", "/ws", "/open/ws", "/admin/ws", "/tenants/acme/ws"};
    asked& what = in.book.ask(
        {.method = "WS",
         .path = random.one_of(paths),
         .who = random.percent(40) ? &credential_until(static_cast<unsigned>(random.between(20, 60))) : &choose_credential(random),
         .websocket = true});
    in.kernel.trace("  asks ", std::to_string(what.number), ": a WebSocket at ", what.path);
    const bool sent = co_await line->send(make_handshake(what, random.percent(50), {}));
    message_reader head(in.kernel, *line);
    const auto answer = co_await head.read_response("GET");
    in.book.receive_handshake(what, answer);
    if (!sent || answer.status() != 101) {
        if (answer.how == completeness::none && line->alive()) {
            in.kernel.fault("a handshake waits for ever");
        }
        co_return;
    }
    frame_reader reader(in.kernel, *line, head.take_rest());
    const auto over = std::make_shared<bool>(false);
    const numbered mine{what.number * 1000};
    if (answer.field("x-answer").empty()) {
        *over = true; // it is closed at once
    } else {
        in.kernel.time.spawn(talk(in, line, mine, true, random.fork(5), over), "messages of a client");
    }
    // What has to be over by then: the token's life where it counts, else the client's patience.
    const rule& applies = in.book.newest().find(what.path);
    const bool expires = applies.token_required && applies.close_on_expiry && in.book.generations() == 1;
    const auto patience = in.kernel.time.now() + (random.percent(50) ? choose_pause(random, 90s) : nanoseconds(200s));
    const auto limit = *over ? in.kernel.time.now() + close_in_time : expires ? what.who->expires + close_in_time : nanoseconds::max();
    const auto code = co_await listen(in, *line, reader, {of_app + what.number * 1000}, true, std::min(patience, limit), over,
                                      random.percent(15), answer.field("x-answer").empty() ? nullptr : &what, random);
    if (code == 0 && line->alive() && in.kernel.time.now() >= limit) {
        in.kernel.fault("the WebSocket of request " + std::to_string(what.number) + " is open for longer than it may be");
    }
    if (code != 0 && reader.has_part()) {
        in.kernel.fault("bytes behind a Close");
    }
    in.kernel.trace("  the WebSocket of ", std::to_string(what.number), " ended with ", std::to_string(code));
    if (code != 0) {
        co_await line->receive(20s); // the app may take 10 s to go
        if (line->alive()) {
            in.kernel.fault("a WebSocket stays open behind a Close");
        }
    } else if (line->alive() && random.percent(50)) {
        co_await line->send(make_close(1000, true, random));
        co_await line->receive(10s);
    }
    random.percent(50) ? line->finish() : line->reset();
}

task<> websocket_app(world& in, std::shared_ptr<peer> line, message_reader& head, asked& what, std::string key, choices& random) {
    if (key != socket_key) {
        in.kernel.fault("the key of a handshake reached the app changed");
    }
    const auto number = in.book.answer({what.number, 101, 0});
    if (random.percent(10)) {
        const auto refusal = in.book.answer({what.number, 403, 2});
        co_await line->send("HTTP/1.1 403 No\r\nX-Answer: " + std::to_string(refusal) + "\r\nContent-Length: 2\r\n\r\n" +
                            make_body(1'000'000 + refusal, 2));
        co_return;
    }
    co_await in.kernel.time.sleep(choose_pause(random, random.one_in(20) ? 10s : 50ms));
    co_await line->send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                        std::string(socket_accept) + "\r\nX-Answer: " + std::to_string(number) + "\r\n\r\n");
    frame_reader reader(in.kernel, *line, head.take_rest());
    const auto over = std::make_shared<bool>(false);
    in.kernel.time.spawn(talk(in, line, {of_app + what.number * 1000}, false, random.fork(6), over), "messages of an app");
    const auto patience = in.kernel.time.now() + (random.percent(30) ? choose_pause(random, 60s) : nanoseconds(300s));
    const bool stubborn = random.percent(15);
    const auto code = co_await listen(in, *line, reader, {what.number * 1000}, false, patience, over, stubborn, nullptr, random);
    if (code != 0 && stubborn) { // keeps its side open too
        co_await line->receive(60s);
    }
    if (code == 0 && line->alive() && random.percent(50)) {
        co_await line->send(make_close(1001, false, random));
        co_await line->receive(10s);
    }
    random.percent(70) ? line->finish() : line->reset();
}

} // namespace bearward::simulation
