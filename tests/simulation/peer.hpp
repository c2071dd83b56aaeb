// An actor's end of a connection: bytes in and out, plain or through TLS, in pieces of any
// size at any time.
#pragma once

#include "tests/simulation/kernel.hpp"

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

namespace bearward::simulation {

struct ssl_deleter {
    void operator()(SSL* ssl) const noexcept;
};
using ssl_ptr = std::unique_ptr<SSL, ssl_deleter>;

/// How an actor sends.
struct sending_conduct {
    unsigned whole = 70;       ///< percent of sends that go out in one piece
    nanoseconds pause = 200us; ///< between pieces, at most
    unsigned long_pauses = 3;  ///< percent of pauses
    nanoseconds long_pause = 3s;
};

class peer {
public:
    peer(kernel& of, connection_ptr line, choices random, const sending_conduct& conduct);
    ~peer();
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;

    /// From here on bytes pass through `ssl`, whose BIOs this sets. False: no handshake came about.
    [[nodiscard]] task<bool> secure(ssl_ptr ssl);
    /// Until the worker's kernel has all of it; those who send at the same time do so one after
    /// the other. False: it never will.
    task<bool> send(std::string bytes);
    /// In one segment, which nothing cuts. False: there is no room, and nothing is sent.
    bool send_whole(std::string_view bytes);
    /// What comes next; empty: an end (has_ended()), or nothing came for so long.
    [[nodiscard]] task<std::string> receive(nanoseconds at_most = 24h);
    /// Whether no more will come.
    [[nodiscard]] bool has_ended() const noexcept { return ended_; }
    /// It ended by a reset, or with TLS without close_notify.
    [[nodiscard]] bool is_broken() const noexcept { return broken_; }
    void finish();
    void reset();
    /// Whoever waits for it learns that it is over for them.
    void abandon();
    [[nodiscard]] bool alive() const noexcept { return !ended_ && !gone_; }
    /// Whether its actor has ended its side, in whatever manner.
    [[nodiscard]] bool has_left() const noexcept { return left_; }

private:
    [[nodiscard]] task<bool> send_pieces(std::string bytes);
    void flush();
    [[nodiscard]] std::string decrypt();

    kernel& kernel_;
    connection_ptr line_;
    choices random_;
    sending_conduct conduct_;
    ssl_ptr ssl_; ///< null: plain
    bool ended_ = false;
    bool broken_ = false;
    bool gone_ = false;
    bool left_ = false;
    bool sending_ = false;
};

} // namespace bearward::simulation
