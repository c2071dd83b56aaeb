// Both ends of event streams, which end with their token. Each event is numbered, so that one that is
// missing, changed or cut shows.
#include "tests/simulation/actors.hpp"

namespace bearward::simulation {
namespace {

/// From the expiry to its notice (a tick of the worker's wheel), to an event that does not end (5 s).
constexpr nanoseconds end_in_time = 7s;

std::string make_event(std::uint64_t number) {
    return "id: " + std::to_string(number) + "\ndata: " + make_body(number, 1 + number % 700) + "\n\n";
}

/// Whether it is the first events, and each of them whole if the last one has to be.
bool is_stream(std::string_view body, bool whole) {
    for (std::uint64_t number = 1; !body.empty(); ++number) {
        const auto event = make_event(number);
        if (body.size() < event.size()) {
            return !whole && event.starts_with(body);
        }
        if (!body.starts_with(event)) {
            return false;
        }
        body.remove_prefix(event.size());
    }
    return true;
}

task<> read_events(world& in, std::shared_ptr<peer> line, asked& what, choices& random) {
    in.kernel.trace("  asks ", std::to_string(what.number), ": events at ", what.path);
    std::string head = "GET " + what.path + "?n=" + std::to_string(what.number) +
                       " HTTP/1.1\r\nHost: app.test\r\nX-Number: " + std::to_string(what.number) + "\r\n";
    head += what.who->given() ? "Authorization: Bearer " + what.who->token + "\r\n" : "";
    in.book.begin(what);
    const bool sent = co_await line->send(head + "\r\n");
    message_reader reader(in.kernel, *line);
    const auto answer = co_await reader.read_response("GET");
    if (!sent || answer.how == completeness::none || answer.field("x-answer").empty() || answer.status() != 200) {
        in.book.receive(what, answer, false);
        line->reset();
        co_return;
    }
    in.kernel.trace("  the events of ", std::to_string(what.number), answer.how == completeness::whole ? " ended" : " broke off");
    if (!is_stream(answer.body, answer.how == completeness::whole)) {
        in.kernel.fault("the events of request " + std::to_string(what.number) + " are others than were sent, or one is cut");
    }
    in.book.check_stream_end(what, answer);
    const rule& applies = in.book.newest().find(what.path);
    const auto end = std::min(what.who->expires, in.book.withdrawn_at(*what.who));
    if (applies.token_required && in.book.generations() == 1 && in.kernel.time.now() - end_in_time > end) {
        in.kernel.fault("the events of request " + std::to_string(what.number) + " outlive their token");
    }
    random.percent(50) ? line->finish() : line->reset();
}

} // namespace

task<> event_client(world& in, choices random) {
    const auto line = co_await open_client(in, random);
    if (!line) {
        co_return;
    }
    asked& what = in.book.ask(
        {.method = "GET",
         .path = random.percent(70) ? "/events" : "/open/events",
         .who = random.percent(60) ? &credential_until(static_cast<unsigned>(random.between(20, 60))) : &choose_credential(random)});
    co_await read_events(in, line, what, random);
}

task<> named_event_client(world& in, choices random) {
    const auto line = co_await open_client(in, random);
    if (!line) {
        co_return;
    }
    const auto& who = choose_named(in, static_cast<unsigned>(random.between(30, 90)), random);
    co_await read_events(in, line, in.book.ask({.method = "GET", .path = "/events", .who = &who}), random);
}

task<bool> event_app(world& in, peer& line, const asked& what, choices& random) {
    const auto number = in.book.answer({what.number, 200, 0});
    bool open = co_await line.send("HTTP/1.1 200 OK\r\nX-Answer: " + std::to_string(number) +
                                   "\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    const auto count = random.below(60);
    for (std::uint64_t event = 1; event <= count && open; ++event) {
        const auto text = make_event(event);
        const auto cut = random.percent(40) ? random.below(text.size()) : 0;
        if (cut != 0) {
            open = co_await line.send(make_chunks(text.substr(0, cut), random));
            co_await in.kernel.time.sleep(choose_pause(random, random.one_in(20) ? 9s : 300ms));
        }
        open = open && co_await line.send(make_chunks(text.substr(cut), random));
        co_await in.kernel.time.sleep(choose_pause(random, 3s));
    }
    if (!open || random.percent(10)) {
        line.reset();
        co_return false;
    }
    in.book.end_stream(number);
    co_return co_await line.send(make_last_chunk(random));
}

} // namespace bearward::simulation
