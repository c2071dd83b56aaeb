// Clients of plain HTTP.
#include "tests/simulation/actors.hpp"

#include <algorithm>
#include <vector>

namespace bearward::simulation {
namespace {

const char* const paths[] = {"/",       "/a/b",   "/open",   "/open/c", "/admin", "/admin/x", "/tenants/acme", "/tenants/globex/y",
                             "/listed", "/small", "/patient"};
const char* const methods[] = {"GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE"};

/// Latency and pauses of the simulated network are far below, every deadline of the worker is above.
constexpr nanoseconds longest_wait_for_end = 4s;

struct prepared {
    asked* what;
    bool old; ///< HTTP/1.0
    std::string head;
    std::string body;
};

prepared make_request(world& in, choices& random, bool last) {
    asked wanted{.method = random.one_of(methods), .path = random.one_of(paths), .who = &choose_credential(random)};
    const bool sends = wanted.method == "POST" || wanted.method == "PUT";
    const bool old = last && random.one_in(15);
    const bool chunked = sends && !old && random.percent(40);
    wanted.body_size = sends ? choose_body_size(in, random) : 0;
    if (sends && !chunked) {
        wanted.told_size = wanted.body_size;
    }
    asked& what = in.book.ask(std::move(wanted));
    const auto body = make_body(what.number, what.body_size);
    std::string head = what.method + ' ' + what.path + "?n=" + std::to_string(what.number) + (old ? " HTTP/1.0" : " HTTP/1.1") +
                       "\r\nHost: app.test\r\nX-Number: " + std::to_string(what.number) +
                       "\r\nX-User-Id: " + std::string(claimed_identity) + "\r\nX_Tenant_Id: " + std::string(claimed_identity) + "\r\n";
    head += what.who->given() ? "Authorization: Bearer " + what.who->token + "\r\n" : "";
    head += what.told_size ? "Content-Length: " + std::to_string(*what.told_size) + "\r\n" : "";
    head += chunked ? "Transfer-Encoding: chunked\r\n" : "";
    head += last && random.percent(50) ? "Connection: close\r\n" : "";
    in.kernel.trace("  asks ", std::to_string(what.number), ": ", what.method, " ", what.path, old ? " (1.0)" : "", " with ",
                    std::to_string(what.body_size), " bytes");
    return {&what, old, head + "\r\n", chunked ? make_chunks(body, random) + make_last_chunk(random) : body};
}

/// How a client that gives up does so.
void leave(peer& line, choices& random) {
    random.percent(50) ? line.reset() : line.finish();
}

/// Sends while the answers may come already.
task<> send_all(world& in, std::shared_ptr<peer> line, std::vector<prepared> all, choices random, std::shared_ptr<bool> done) {
    for (auto& each : all) {
        const bool gives_up = random.one_in(60);
        auto text = each.head + each.body;
        if (gives_up) {
            text.resize(random.below(text.size()));
        }
        in.book.begin(*each.what);
        const bool sent = co_await line->send(std::move(text));
        if (gives_up || !sent) {
            co_await in.kernel.time.sleep(choose_pause(random, 2s));
            leave(*line, random);
            break;
        }
    }
    *done = true;
}

/// On /patient nothing else ends the wait, so the client does: whatever it has sent, the app's work ends with it.
task<> lose_patience(world& in, std::shared_ptr<peer> line, choices random, std::shared_ptr<bool> answered) {
    co_await in.kernel.time.sleep(nanoseconds(random.between(1, 40'000)) * 1'000'000);
    if (!*answered) {
        leave(*line, random);
        line->abandon();
    }
}

task<> send_text(std::shared_ptr<peer> line, std::string text) {
    co_await line->send(std::move(text));
}

/// Whether the connection goes on after it.
bool goes_on(const message& answer) {
    return answer.how == completeness::whole && !answer.by_end && answer.field("connection") != "close";
}

/// Behind an answer with `Connection: close` the end comes at once, also while the client still
/// sends a body that nobody wants.
task<> expect_end(world& in, peer& line, const asked& what) {
    const auto bytes = co_await line.receive(longest_wait_for_end);
    if (!bytes.empty()) {
        in.kernel.fault("bytes behind the last answer");
    } else if (line.alive() && !line.has_left()) {
        in.kernel.fault("request " + std::to_string(what.number) + ": the end that its answer announces does not come");
    }
}

} // namespace

task<> http_client(world& in, choices random) {
    const auto line = co_await open_client(in, random);
    if (!line) {
        co_return;
    }
    message_reader reader(in.kernel, *line);
    auto left = random.between(1, 6);
    if (in.most_requests != 0) {
        left = std::min<std::uint64_t>(left, in.most_requests);
    }
    while (left != 0 && line->alive()) {
        std::vector<prepared> batch;
        const auto together = random.percent(75) ? 1 : random.between(1, left);
        for (std::uint64_t number = 0; number < together; ++number) {
            --left;
            batch.push_back(make_request(in, random, left == 0));
        }
        const auto done = std::make_shared<bool>(false);
        in.kernel.time.spawn(send_all(in, line, batch, random.fork(left), done), "sender of a client");
        const auto answered = std::make_shared<bool>(false);
        if (std::ranges::any_of(batch, [](const prepared& each) { return each.what->path == "/patient"; })) {
            in.kernel.time.spawn(lose_patience(in, line, random.fork(1000 + left), answered), "patience of a client");
        }
        const bool dozes = random.one_in(50); // does not read for longer than anybody waits
        // Several at once may lose an answer to the reset that shows the next one broken.
        const bool attentive = !dozes && batch.size() == 1;
        if (dozes) {
            co_await in.kernel.time.sleep(60s);
        }
        bool open = true;
        for (auto each = batch.begin(); each != batch.end() && open; ++each) {
            const auto answer = co_await reader.read_response(each->what->method);
            in.book.receive(*each->what, answer, attentive && !line->has_left());
            if (each->old && !answer.field("transfer-encoding").empty()) {
                in.kernel.fault("chunks for a client of HTTP/1.0");
            }
            if (answer.how == completeness::none && line->alive()) {
                in.kernel.fault("request " + std::to_string(each->what->number) + " waits for ever");
            }
            open = goes_on(answer);
            // An answer to a head that never became whole has a body, since nobody knows that it is a HEAD.
            if (!open && answer.how == completeness::whole && !answer.by_end && each->what->method != "HEAD") {
                co_await expect_end(in, *line, *each->what);
            }
        }
        *answered = true;
        if (!open) {
            break;
        }
        while (!*done && line->alive()) {
            co_await in.kernel.time.sleep(10ms);
        }
        if (reader.has_rest()) {
            in.kernel.fault("bytes behind the last answer");
        }
        co_await in.kernel.time.sleep(random.percent(85) ? choose_pause(random, 50ms) : choose_pause(random, 30s));
    }
    leave(*line, random);
}

task<> prompt_client(world& in, choices random) {
    co_await in.kernel.time.sleep(choose_pause(random, 10s));
    const auto line = co_await open_client_now(in, {.latency = 0ns}, random);
    if (!line) {
        co_return;
    }
    const auto request = std::make_shared<prepared>(make_request(in, random, true));
    const auto asks = std::make_shared<bool>(false);
    const auto answered = std::make_shared<bool>(false);
    in.at_reload.emplace_back([&in, line, request, asks, answered, patience = random.fork(1)] {
        *asks = line->alive();
        in.book.begin(*request->what);
        in.kernel.time.spawn(send_text(line, request->head + request->body), "prompt request of a client");
        if (request->what->path == "/patient") {
            in.kernel.time.spawn(lose_patience(in, line, patience, answered), "patience of a client");
        }
    });
    message_reader reader(in.kernel, *line);
    const auto answer = co_await reader.read_response(request->what->method);
    *answered = true;
    if (*asks && answer.how == completeness::none && line->alive()) {
        in.kernel.fault("request " + std::to_string(request->what->number) + " waits for ever");
    }
    if (*asks) {
        in.book.receive(*request->what, answer, !line->has_left());
    }
    leave(*line, random);
}

task<> rude_client(world& in, choices random) {
    static const char* const texts[] = {
        "",
        "GET",
        "GET / HTTP/1.1\r\n",
        "\r\n\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n",
        "POST /admin HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "\x16\x03\x01\x02",
        "GET http://other/ HTTP/1.1\r\nHost: a\r\n\r\nGET /admin HTTP/1.1\r\n",
    };
    const auto line = co_await open_client(in, random);
    if (!line) {
        co_return;
    }
    co_await line->send(random.one_of(texts));
    if (random.percent(50)) {
        co_await in.kernel.time.sleep(choose_pause(random, 10s));
        leave(*line, random);
    }
    for (bool more = true; more;) {
        const auto bytes = co_await line->receive();
        more = !bytes.empty();
    }
    if (line->alive()) {
        in.kernel.fault("a client that says nothing is kept for ever");
    }
}

task<> flooding_client(world& in, choices random) {
    const auto line = co_await open_client(in, random);
    if (!line) {
        co_return;
    }
    std::string text;
    const std::uint64_t least = in.most_requests == 0 ? 1500 : 10 * in.most_requests;
    for (auto left = random.between(least, least + least / 2); left != 0; --left) {
        text += "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n";
    }
    in.kernel.time.spawn(send_text(line, std::move(text)), "flood of a client");
    for (bool more = true; more;) {
        const auto bytes = co_await line->receive(30s);
        more = !bytes.empty();
    }
}

} // namespace bearward::simulation
