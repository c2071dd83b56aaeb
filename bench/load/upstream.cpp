// The app behind the proxies that are measured: a hundred bytes for a GET, as many
// as asked for under /bytes/N, bodies taken and dropped, WebSockets echoed.
// usage: bench_upstream PORT
#include "bench/load/sockets.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::bench {
namespace {

constexpr std::size_t read_size = 256 * 1024;

std::string_view header(std::string_view head, std::string_view name) {
    for (std::size_t line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
        const auto rest = head.substr(line + 2);
        if (rest.size() > name.size() && rest[name.size()] == ':' && ::strncasecmp(rest.data(), name.data(), name.size()) == 0) {
            const auto value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
            return value.substr(std::min(value.find_first_not_of(' '), value.size()));
        }
    }
    return {};
}

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// RFC 6455 section 4.2.2.
std::string accept_key(std::string_view key) {
    const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::array<unsigned char, 64> encoded{};
    const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
    return {encoded.begin(), encoded.begin() + length};
}

class peer {
public:
    explicit peer(int descriptor) : descriptor_(descriptor) {}
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;
    ~peer() { ::close(descriptor_); }

    /// False: it is over.
    bool serve() {
        if (!flush()) {
            return false;
        }
        while (out_.empty() && filler_ == 0) {
            auto& block = scratch();
            const auto got = ::recv(descriptor_, block.data(), block.size(), 0);
            if (got <= 0) {
                return got < 0 && errno == EAGAIN;
            }
            take({block.data(), static_cast<std::size_t>(got)});
            if (!flush()) {
                return false;
            }
        }
        return true;
    }

private:
    static std::array<char, read_size>& scratch() {
        static auto block = std::make_unique<std::array<char, read_size>>();
        return *block;
    }

    void take(std::string_view bytes) {
        while (!bytes.empty()) {
            if (body_left_ != 0) {
                const auto dropped = std::min<std::uint64_t>(body_left_, bytes.size());
                bytes.remove_prefix(static_cast<std::size_t>(dropped));
                body_left_ -= dropped;
                if (body_left_ == 0) {
                    out_ += answer_;
                }
                continue;
            }
            in_ += bytes;
            bytes = {};
            while (websocket_ ? echo_frame() : read_head()) {
            }
        }
    }

    bool read_head() {
        const auto end = in_.find("\r\n\r\n");
        if (end == std::string::npos) {
            return false;
        }
        const std::string head = in_.substr(0, end + 2);
        std::string rest = in_.substr(end + 4);
        in_.clear();
        if (const auto key = header(head, "Sec-WebSocket-Key"); !key.empty()) {
            out_ += "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                    accept_key(key) + "\r\n\r\n";
            websocket_ = true;
        } else if (constexpr std::string_view bytes = "GET /bytes/"; head.starts_with(bytes)) {
            filler_ = number(std::string_view(head).substr(bytes.size()));
            out_ += "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(filler_) + "\r\n\r\n";
        } else {
            body_left_ = number(header(head, "Content-Length"));
            (body_left_ == 0 ? out_ : answer_) =
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'b');
        }
        if (websocket_ || body_left_ == 0) {
            in_ = std::move(rest);
        } else {
            take(rest);
        }
        return !in_.empty();
    }

    /// A masked frame comes, the same unmasked goes.
    bool echo_frame() {
        if (in_.size() < 2) {
            return false;
        }
        const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(in_[at]); };
        std::uint64_t length = byte(1) & 0x7F;
        const std::size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
        const std::size_t begin = 2 + extra + 4;
        if (in_.size() < begin) {
            return false;
        }
        if (extra != 0) {
            length = 0;
            for (std::size_t at = 2; at < 2 + extra; ++at) {
                length = length << 8 | byte(at);
            }
        }
        if (in_.size() < begin + length) {
            return false;
        }
        out_ += in_[0];
        out_ += static_cast<char>(byte(1) & 0x7F);
        out_.append(in_, 2, extra);
        for (std::size_t at = 0; at < length; ++at) {
            out_ += static_cast<char>(byte(begin + at) ^ byte(2 + extra + at % 4));
        }
        in_.erase(0, begin + static_cast<std::size_t>(length));
        return !in_.empty();
    }

    bool flush() {
        static const std::string filler(read_size, 'f');
        while (!out_.empty() || filler_ != 0) {
            const bool head = !out_.empty();
            const char* const from = head ? out_.data() : filler.data();
            const std::size_t size = head ? out_.size() : static_cast<std::size_t>(std::min<std::uint64_t>(filler_, filler.size()));
            const auto sent = ::send(descriptor_, from, size, MSG_NOSIGNAL | (head && filler_ != 0 ? MSG_MORE : 0));
            if (sent < 0) {
                return errno == EAGAIN;
            }
            if (head) {
                out_.erase(0, static_cast<std::size_t>(sent));
            } else {
                filler_ -= static_cast<std::uint64_t>(sent);
            }
        }
        return true;
    }

    int descriptor_;
    std::string in_;
    std::string out_;
    std::string answer_;          ///< after the body
    std::uint64_t body_left_ = 0; ///< to be dropped
    std::uint64_t filler_ = 0;    ///< to be sent after `out_`
    bool websocket_ = false;
};

[[noreturn]] void run(std::uint16_t port) {
    poller events;
    const int listener = listen_on(port);
    events.add(listener, nullptr);
    while (true) {
        for (const auto& event : events.wait(std::nullopt)) {
            if (event.data.ptr != nullptr) {
                auto* const ready = static_cast<peer*>(event.data.ptr);
                if (!ready->serve()) {
                    delete ready;
                }
                continue;
            }
            for (int accepted = 0; (accepted = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
                without_delay(accepted);
                events.add(accepted, std::make_unique<peer>(accepted).release());
            }
        }
    }
}

} // namespace
} // namespace bearward::bench

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: bench_upstream PORT\n", stderr);
        return 2;
    }
    bearward::bench::run(static_cast<std::uint16_t>(std::atoi(arguments[1])));
}
