#include "tests/simulation/world.hpp"

namespace bearward::simulation {
namespace {

/// What a load balancer puts first: version 1 or 2 (the PROXY protocol, sections 2.1 and 2.2).
std::string make_proxy_header(choices& random) {
    if (random.percent(50)) {
        return "PROXY TCP4 198.51.100." + std::to_string(random.between(1, 200)) + " 127.0.0.1 40000 1\r\n";
    }
    std::string text("\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c", 16);
    text += std::string("\xc6\x33\x64", 3) + static_cast<char>(random.between(1, 200)) + std::string("\x7f\0\0\x01\x9c\x40\0\x01", 8);
    return text;
}

} // namespace

task<std::shared_ptr<peer>> open_client(world& in, choices& random) {
    co_await in.kernel.time.sleep(choose_pause(random, 20s));
    auto made = co_await open_client_now(in, choose_network(random), random);
    co_return made;
}

task<std::shared_ptr<peer>> open_client_now(world& in, network_conduct network, choices& random) {
    if (in.listeners.empty()) {
        co_return nullptr;
    }
    const int listener = in.listeners[random.below(in.listeners.size())];
    const bool behind_balancer = in.speaks.proxy_headers && random.percent(80);
    const std::string address =
        behind_balancer ? std::string("\x0a\0\0\x01", 4) : std::string("\xc0\0\x02", 3) + static_cast<char>(random.between(1, 9));
    auto line = in.kernel.connect_client(listener, network, address);
    if (!line) {
        co_return nullptr;
    }
    auto made = std::make_shared<peer>(in.kernel, std::move(line), random.fork(7), choose_sending(random));
    if (behind_balancer) {
        co_await made->send(make_proxy_header(random));
    }
    if (in.speaks.client_tls) {
        const bool secured = co_await made->secure(in.tls->make_client());
        if (!secured) {
            co_return nullptr;
        }
    }
    co_return made;
}

task<bool> open_server(world& in, peer& line) {
    if (!in.speaks.upstream_tls) {
        co_return true;
    }
    const bool secured = co_await line.secure(in.tls->make_server());
    co_return secured;
}

network_conduct choose_network(choices& random) {
    network_conduct conduct;
    static constexpr nanoseconds latencies[] = {20us, 50us, 500us, 5ms};
    conduct.latency = random.one_of(latencies);
    if (random.percent(30)) {
        conduct.receive_window = choose_size(random, 64 * 1024);
    }
    if (random.percent(30)) {
        conduct.send_window = choose_size(random, 64 * 1024);
    }
    if (random.percent(15)) {
        conduct.refills = true;
        conduct.receive_window = std::max<std::size_t>(conduct.receive_window, 1460); // a segment
    }
    return conduct;
}

sending_conduct choose_sending(choices& random) {
    sending_conduct conduct;
    if (random.percent(25)) {
        conduct.whole = static_cast<unsigned>(random.below(60));
        conduct.long_pauses = static_cast<unsigned>(random.below(20));
    }
    return conduct;
}

std::size_t choose_size(choices& random, std::size_t most) {
    const std::size_t limit = random.percent(70) ? std::min<std::size_t>(most, 300) : most;
    return random.between(1, limit);
}

std::size_t choose_body_size(const world& in, choices& random) {
    if (random.one_in(in.bulky ? 4 : 80)) {
        return random.between(256 * 1024, 700 * 1024);
    }
    return random.one_in(20) ? random.between(16 * 1024, 100 * 1024) : choose_size(random, 6'000);
}

nanoseconds choose_pause(choices& random, nanoseconds most) {
    const auto limit = static_cast<std::uint64_t>(most.count());
    return nanoseconds(random.percent(70) ? random.below(limit / 1000 + 1) : random.below(limit));
}

const credential& choose_named(world& in, unsigned seconds, choices& random) {
    const auto& made = named_credential(random.percent(70) ? 1 : static_cast<unsigned>(random.below(person_count)), seconds);
    in.named.push_back(&made);
    return made;
}

} // namespace bearward::simulation
