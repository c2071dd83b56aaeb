// A client that sends on and on, whatever answer it gets.
#include "tests/simulation/actors.hpp"

namespace bearward::simulation {
namespace {

const char* const paths[] = {"/", "/open", "/open/c", "/admin", "/small"};
constexpr std::size_t body_size = 400;

/// How long a client can send once its answer is out: the rest of its body is read for 30 s, then TLS's end may wait for its
/// write_timeout where the client does not read either, and two of its pauses pass until it notices.
constexpr nanoseconds longest_drop = 30s + 9s + 3s;

/// One byte after the other, none too late for the worker. `sends`: until it is all sent, or nobody takes it.
task<> trickle(world& in, std::shared_ptr<peer> line, std::string head, std::string body, choices random, std::shared_ptr<bool> sends) {
    bool taken = co_await line->send(std::move(head));
    for (std::size_t place = 0; taken && place < body.size(); ++place) {
        co_await in.kernel.time.sleep(nanoseconds(random.between(100, 1000)) * 1'000'000);
        std::string byte(1, body[place]);
        taken = co_await line->send(std::move(byte));
    }
    *sends = false;
}

} // namespace

task<> trickling_client(world& in, choices random) {
    const auto line = co_await open_client(in, random);
    if (!line) {
        co_return;
    }
    asked& what = in.book.ask({.method = "POST",
                               .path = random.one_of(paths),
                               .who = &choose_credential(random),
                               .body_size = body_size,
                               .told_size = body_size});
    const auto number = std::to_string(what.number);
    std::string head = "POST " + what.path + "?n=" + number + " HTTP/1.1\r\nHost: app.test\r\nX-Number: " + number +
                       "\r\nContent-Length: " + std::to_string(body_size) + "\r\n";
    head += what.who->given() ? "Authorization: Bearer " + what.who->token + "\r\n\r\n" : "\r\n";
    in.kernel.trace("  trickles ", number, ": ", what.path);
    in.book.begin(what);
    const auto sends = std::make_shared<bool>(true);
    in.kernel.time.spawn(trickle(in, line, std::move(head), make_body(what.number, body_size), random.fork(1), sends),
                         "trickle of a client");
    message_reader reader(in.kernel, *line);
    const auto answer = co_await reader.read_response(what.method);
    in.book.receive(what, answer, true);
    if (answer.how == completeness::none && line->alive()) {
        in.kernel.fault("request " + number + " waits for ever");
    }
    const auto end = in.kernel.time.now() + longest_drop;
    while (*sends && in.kernel.time.now() < end) {
        co_await in.kernel.time.sleep(100ms);
    }
    if (*sends) {
        in.kernel.fault("request " + number + ": its body is still read long after its answer");
    }
    line->reset();
}

} // namespace bearward::simulation
