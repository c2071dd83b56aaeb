#include "tests/simulation/websocket_talk.hpp"

#include <algorithm>

namespace bearward::simulation {

std::string numbered::make(choices& random) {
    const auto number = next++;
    return std::to_string(number) + ':' + make_body(of + number, choose_size(random, random.percent(10) ? 200'000 : 2'000));
}

bool numbered::check(std::string_view payload) {
    const auto prefix = std::to_string(next) + ':';
    const bool right = payload.starts_with(prefix) && begins_body(of + next, payload.substr(prefix.size()));
    ++next;
    return right;
}

task<> talk(world& in, std::shared_ptr<peer> line, numbered mine, bool masked, choices random, std::shared_ptr<bool> over) {
    const auto count = random.below(12);
    for (std::uint64_t number = 0; number < count && !*over; ++number) {
        const int opcode = random.percent(85) ? text_frame : ping_frame;
        const auto payload = opcode == text_frame ? mine.make(random) : std::string("are you there");
        const bool sent = co_await line->send(make_frame(opcode, payload, masked, random));
        if (!sent) {
            break;
        }
        co_await in.kernel.time.sleep(choose_pause(random, 3s));
    }
}

std::string make_handshake(const asked& what, bool as_entry, const std::string& socket) {
    std::string text =
        "GET " + what.path + "?n=" + std::to_string(what.number) +
        " HTTP/1.1\r\nHost: app.test\r\nX-Number: " + std::to_string(what.number) +
        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + std::string(socket_key) +
        "\r\n";
    std::string entries = socket.empty() ? "" : "bearward.socket." + socket;
    if (what.who->given() && as_entry) {
        entries = "bearer, " + what.who->token + (entries.empty() ? "" : ", ") + entries;
    } else if (what.who->given()) {
        text += "Authorization: Bearer " + what.who->token + "\r\n";
    }
    text += entries.empty() ? "" : "Sec-WebSocket-Protocol: " + entries + "\r\n";
    return text + "\r\n";
}

void check_close(ledger& book, const asked& what, const std::vector<const credential*>& by, const frame& close, nanoseconds now) {
    const auto reason = close.payload.size() < 2 ? std::string() : close.payload.substr(2);
    const auto of_some = [&](auto holds) { return std::ranges::any_of(by, holds); };
    if (reason == "Token has expired" && !of_some([&](const credential* each) { return each->expires <= now; })) {
        book.fault(what, "its WebSocket ends for a token that has not expired");
    }
    const auto revoked = [&](const credential* each) {
        return book.withdrawn_at(*each) <= now || (each->revoked && book.generations() > 1);
    };
    if (reason == "Token has been revoked" && !of_some(revoked)) {
        book.fault(what, "its WebSocket ends for a token that is not revoked");
    }
    if (close.code() == 1008 && reason != "Token has expired" && reason != "Token has been revoked") {
        book.fault(what, "its WebSocket ends with 1008 " + reason);
    }
}

} // namespace bearward::simulation
