// WebSocket echo, and connections that are only held open.
#include "bench/load/load.hpp"
#include "bench/load/sockets.hpp"

#include <iostream>
#include <memory>

namespace bearward::bench {
namespace {

using clock = std::chrono::steady_clock;

/// Sends all and waits until `enough` says so; for what is not measured.
template <class Enough>
bool talk(int descriptor, std::string_view text, Enough enough) {
    ::fcntl(descriptor, F_SETFL, 0);
    if (::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) {
        return false;
    }
    std::string answer;
    std::array<char, 4096> block{};
    while (!enough(answer)) {
        const auto got = ::recv(descriptor, block.data(), block.size(), 0);
        if (got <= 0) {
            return false;
        }
        answer.append(block.data(), static_cast<std::size_t>(got));
    }
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    return true;
}

int open_websocket(const load_options& options) {
    const int descriptor = connect_to(options.port);
    const auto text = make_handshake(options.path, options.tokens.empty() ? "" : options.tokens.front());
    const auto whole = [](const std::string& answer) { return answer.ends_with("\r\n\r\n"); };
    if (descriptor < 0 || !talk(
                              descriptor, text,
                              [&](const std::string& answer) {
                                  return whole(answer) &&
                                         (answer.starts_with("HTTP/1.1 101") || (std::cerr << answer, std::exit(1), false));
                              })) {
        return -1;
    }
    return descriptor;
}

/// A binary frame from a client, masked (RFC 6455 section 5.2).
std::string make_frame(std::size_t size) {
    std::string frame = "\x82";
    if (size < 126) {
        frame += static_cast<char>(0x80 | size);
    } else if (size < 65'536) {
        frame += static_cast<char>(0xFE);
        frame += static_cast<char>(size >> 8);
        frame += static_cast<char>(size);
    } else {
        frame += static_cast<char>(0xFF);
        for (int shift = 56; shift >= 0; shift -= 8) {
            frame += static_cast<char>(std::uint64_t{size} >> shift);
        }
    }
    frame += "mask";
    return frame.append(size, 'w');
}

struct echoing {
    int descriptor = -1;
    std::size_t to_send = 0;
    std::size_t to_receive = 0;
    clock::time_point sent;
};

/// False: the connection is broken.
bool pump(echoing& one, const std::string& frame) {
    while (one.to_send != 0) {
        const auto sent = ::send(one.descriptor, frame.data() + frame.size() - one.to_send, one.to_send, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno != EAGAIN) {
                return false;
            }
            break;
        }
        one.to_send -= static_cast<std::size_t>(sent);
    }
    static const auto block = std::make_unique<std::array<char, 256 * 1024>>();
    while (one.to_receive != 0) {
        const auto got = ::recv(one.descriptor, block->data(), block->size(), 0);
        if (got <= 0) {
            return got < 0 && errno == EAGAIN;
        }
        if (static_cast<std::size_t>(got) > one.to_receive) {
            return false;
        }
        one.to_receive -= static_cast<std::size_t>(got);
    }
    return true;
}

} // namespace

std::string make_handshake(const std::string& path, const std::string& token) {
    return "GET " + path + " HTTP/1.1\r\nHost: bench.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") + "\r\n";
}

load_result run_echo(const load_options& options) {
    const std::string frame = make_frame(options.message);
    const std::size_t echo_size = frame.size() - 4; // without the mask
    poller events;
    std::vector<echoing> all(options.connections);
    load_result result;
    const auto begin = [&](echoing& one) {
        one.to_send = frame.size();
        one.to_receive = echo_size;
        one.sent = clock::now();
    };
    // Goes on until the socket has nothing more; false: the connection is broken.
    const auto step = [&](echoing& one) {
        while (pump(one, frame)) {
            if (one.to_receive != 0) {
                return true;
            }
            ++result.done;
            result.latencies.push_back(
                static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - one.sent).count()));
            begin(one);
        }
        return false;
    };
    for (auto& one : all) {
        one.descriptor = open_websocket(options);
        if (one.descriptor < 0) {
            ++result.failed;
            return result;
        }
        events.add(one.descriptor, &one);
    }
    const auto start = clock::now();
    for (auto& one : all) {
        begin(one);
        result.failed += step(one) ? 0U : 1U;
    }
    while (clock::now() - start < options.duration && result.failed == 0) {
        for (const auto& event : events.wait(std::chrono::milliseconds{100})) {
            result.failed += step(*static_cast<echoing*>(event.data.ptr)) ? 0U : 1U;
        }
    }
    result.took = clock::now() - start;
    return result;
}

load_result run_hold(const load_options& options) {
    const std::string token = options.tokens.empty() ? "" : "Authorization: Bearer " + options.tokens.front() + "\r\n";
    const std::string request = "GET " + options.path + " HTTP/1.1\r\nHost: bench.test\r\n" + token + "\r\n";
    load_result result;
    for (const std::size_t step : options.steps) {
        for (; result.done < step; ++result.done) {
            const int descriptor = options.websocket ? open_websocket(options) : connect_to(options.port);
            const auto whole = [](const std::string& answer) { return answer.ends_with("bbbb"); };
            if (descriptor < 0 || (!options.websocket && !talk(descriptor, request, whole))) {
                ++result.failed;
                return result;
            }
        }
        std::cout << result.done << std::endl;
        std::string line;
        std::getline(std::cin, line);
    }
    return result;
}

} // namespace bearward::bench
