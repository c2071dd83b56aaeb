#include "proxy/downstream/opening.hpp"

#include "proxy/downstream/proxy_header.hpp"

#include <array>

namespace bearward::proxy::downstream {

opening::state opening::step() {
    if (header_ != config::proxy_protocol::off) {
        if (const state header = read_header(); header != state::done) {
            return header;
        }
        header_ = config::proxy_protocol::off;
    }
    return tls_ ? shake_hands() : state::done;
}

/// Takes the header's bytes and not one more: what follows is the client's.
opening::state opening::read_header() {
    std::array<char, proxy_header::longest + 1> block; // NOLINT: filled by peek
    while (true) {
        const std::span<char> room{block.data(), block.size() - bytes_.size()};
        const auto seen = peer_.peek(room);
        if (seen.would_block()) {
            peer_.want_read();
            return state::waiting;
        }
        if (!seen.done()) {
            return state::failed;
        }
        const std::size_t before = bytes_.size();
        bytes_.append(room.data(), seen.bytes);
        const auto parsed = parse_proxy_header(bytes_, header_);
        if (parsed.what == proxy_header::state::refused) {
            return state::failed;
        }
        const bool complete = parsed.what == proxy_header::state::complete;
        const std::size_t taken = (complete ? parsed.size : bytes_.size()) - before;
        if (!peer_.read_some(room.first(taken)).done()) {
            return state::failed; // what was just seen can't be gone
        }
        if (complete) {
            source_ = parsed.source;
            return state::done;
        }
    }
}

opening::state opening::shake_hands() {
    if (peer_.session() == nullptr) {
        auto session = tls_->accept(peer_.descriptor());
        if (!session) {
            return state::failed;
        }
        peer_.secure(std::move(session));
    }
    const auto result = peer_.handshake();
    if (result.would_block()) {
        peer_.want_handshake();
        return state::waiting;
    }
    return result.done() ? state::done : state::failed;
}

std::string opening::failure() const {
    if (header_ != config::proxy_protocol::off) {
        return "no sound PROXY header";
    }
    return peer_.session() == nullptr ? "no memory for TLS" : "TLS handshake: " + peer_.session()->failure();
}

} // namespace bearward::proxy::downstream
