// Apps, one connection each.
#include "tests/simulation/actors.hpp"

namespace bearward::simulation {
namespace {

enum class framing { length, chunks, end, none };

struct answer_plan {
    std::uint64_t number = 0;
    int status = 200;
    framing how = framing::length;
    std::size_t size = 0;
    std::string head; ///< with what stands before it
    std::string body; ///< as it is on the wire
};

answer_plan make_answer(world& in, const asked& what, choices& random) {
    answer_plan plan;
    static constexpr int statuses[] = {200, 200, 200, 200, 201, 204, 304, 404, 500};
    plan.status = random.one_of(statuses);
    plan.size = random.percent(15) ? 0 : choose_body_size(in, random);
    const bool bodiless = what.method == "HEAD" || plan.status == 204 || plan.status == 304;
    const auto choice = random.below(100);
    plan.how = choice < 55 ? framing::length : choice < 85 ? framing::chunks : framing::end;
    if (plan.status == 204 || (bodiless && plan.how == framing::end)) {
        plan.how = framing::none;
    }
    const auto number = plan.number = in.book.answer({what.number, plan.status, plan.size});
    if (random.percent(10)) {
        plan.head = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    }
    plan.head += "HTTP/1.1 " + std::to_string(plan.status) + " Whatever\r\nX-Answer: " + std::to_string(number) + "\r\n";
    const auto text = make_body(1'000'000 + number, plan.size);
    if (plan.how == framing::length) {
        plan.head += "Content-Length: " + std::to_string(plan.size) + "\r\n";
        plan.body = text;
    } else if (plan.how == framing::chunks) {
        plan.head += "Transfer-Encoding: chunked\r\n";
        plan.body = make_chunks(text, random) + make_last_chunk(random);
    } else if (plan.how == framing::end) {
        plan.head += "Connection: close\r\n";
        plan.body = text;
    }
    plan.head += "\r\n";
    if (bodiless && !random.one_in(20)) { // some send it all the same
        plan.body.clear();
    }
    in.kernel.trace("  an app answers ", std::to_string(what.number), " with ", std::to_string(plan.status), ", ",
                    std::to_string(plan.size), " bytes");
    return plan;
}

/// Sends it, or a part; whether the connection goes on. `heard`: the whole request.
task<bool> give(world& in, peer& line, const asked& what, bool heard, choices& random) {
    auto plan = make_answer(in, what, random);
    const bool cuts = random.one_in(25);
    auto text = plan.head + plan.body;
    if (cuts) {
        // What ends with the connection is whole with a FIN, wherever it stands.
        const bool by_reset = plan.how == framing::end || random.percent(50);
        text.resize(random.below(text.size()));
        co_await line.send(std::move(text));
        by_reset ? line.reset() : line.finish();
        co_return false;
    }
    if (plan.how != framing::end && random.one_in(40)) {
        // Only what comes together with the answer can be told from the next one.
        const std::string stray = random.percent(50) ? "HTTP/1.1 200 OK\r\nX-Answer: 0\r\nContent-Length: 2\r\n\r\nno" : "stray";
        if (line.send_whole(text + stray)) {
            co_return true;
        }
    }
    const bool sent = co_await line.send(std::move(text));
    if (!sent) {
        co_return false;
    }
    const bool resets = random.one_in(24);
    if (heard && !resets) {
        in.book.deliver(plan.number);
    }
    if (plan.how == framing::end || random.one_in(20)) {
        line.finish();
        co_return false;
    }
    if (resets || random.one_in(24)) { // closes when the next request may be on its way
        co_await in.kernel.time.sleep(choose_pause(random, 100ms));
        resets ? line.reset() : line.finish();
        co_return false;
    }
    co_return true;
}

/// Reads to the end, so that nothing is answered with a reset.
task<> hear_out(peer& line) {
    for (bool more = true; more;) {
        const auto bytes = co_await line.receive();
        more = !bytes.empty();
    }
}

/// One request; whether the connection goes on.
task<bool> serve(world& in, std::shared_ptr<peer> shared, message_reader& reader, choices& random) {
    peer& line = *shared;
    auto request = co_await reader.read_head();
    if (request.how == completeness::none) {
        if (line.alive()) {
            in.kernel.fault("an idle connection to an app stays open for ever");
        }
        co_return false;
    }
    asked* const what = in.book.arrive(request);
    if (what == nullptr) {
        co_return false;
    }
    in.kernel.trace("  an app has the head of ", std::to_string(what->number));
    if (what->websocket) {
        co_await websocket_app(in, shared, reader, *what, request.field("sec-websocket-key"), random);
        co_return false;
    }
    if (what->path.ends_with("/events")) {
        const bool open = co_await event_app(in, line, *what, random);
        co_return open;
    }
    const auto mood = random.below(100);
    if (mood < 2) {
        line.reset();
        co_return false;
    }
    if (mood < 4) {
        line.finish();
        co_await hear_out(line);
        co_return false;
    }
    if (mood < 6) {
        co_await hear_out(line); // never answers
        co_return false;
    }
    if (mood < 12) { // answers before it has heard the body
        const bool early = co_await give(in, line, *what, false, random);
        if (!early || random.percent(50)) {
            co_return false;
        }
        co_await reader.read_body(request, false, "");
        in.book.arrive_body(*what, request);
        co_return request.how == completeness::whole;
    }
    co_await reader.read_body(request, false, "");
    in.book.arrive_body(*what, request);
    if (request.how != completeness::whole) {
        co_return false;
    }
    co_await in.kernel.time.sleep(choose_pause(random, random.one_in(30) ? 8s : 20ms));
    const bool open = co_await give(in, line, *what, true, random);
    co_return open;
}

} // namespace

task<> app(world& in, connection_ptr from, choices random) {
    const auto line = std::make_shared<peer>(in.kernel, std::move(from), random.fork(3), choose_sending(random));
    const bool open = co_await open_server(in, *line);
    if (!open) {
        co_return;
    }
    if (random.one_in(60)) { // speaks before it is asked
        co_await line->send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    message_reader reader(in.kernel, *line);
    for (bool goes_on = true; goes_on;) {
        goes_on = co_await serve(in, line, reader, random);
    }
}

} // namespace bearward::simulation
