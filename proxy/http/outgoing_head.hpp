// A head that is sent, as fields and values (RFC 9110 section 6): what decides on
// heads makes one, and what writes a protocol makes text or frames of it. What
// HTTP/1.1 says in fields and HTTP/2 in other ways (the body's framing, the use of
// the connection, Host) is a value here and never one of the fields.
#pragma once

#include "proxy/http/head.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::http {

/// What becomes of the connection after the message. HTTP/1.1 says it in Connection
/// and the fields that it names; HTTP/2 has none of them (RFC 9113 section 8.2.2).
enum class connection_use : std::uint8_t {
    persists,   ///< nothing is said: HTTP/1.1's default (RFC 9112 section 9.3)
    kept_alive, ///< persists, which has to be said to a client of HTTP/1.0
    closes,     ///< ends with this message
    websocket,  ///< becomes a WebSocket's (RFC 6455 section 4)
};

/// What request and response heads have in common. Names and values are views: of
/// the received head, the configuration, or texts that the head keeps itself. An
/// object is reused from message to message, with its memory.
class outgoing_head {
public:
    outgoing_head() = default;
    outgoing_head(const outgoing_head&) = delete; // its views would be of another's texts
    outgoing_head& operator=(const outgoing_head&) = delete;

    void add(std::string_view name, std::string_view value) { fields_.push_back({name, value}); }
    /// An empty text that lives until the head is cleared, for a value that is made:
    /// add the field when the value is whole.
    [[nodiscard]] std::string& make_text();

    /// What is said of the body's length; of an answer without a body, what one to GET
    /// would say; chunked: that it is unknown. Where fields are lines, it stands behind those added so far.
    void set_framing(body_framing framing, std::uint64_t content_length = 0) noexcept {
        framing_ = framing;
        content_length_ = content_length;
        framing_position_ = connection_position_ = fields_.size();
    }
    /// The same for the connection; it does not stand before the framing.
    void set_connection(connection_use use) noexcept {
        connection_ = use;
        connection_position_ = fields_.size();
    }
    /// What a protocol makes of them for the peer it has: they stay where they stand.
    void choose_framing(body_framing framing) noexcept { framing_ = framing; }
    void choose_connection(connection_use use) noexcept { connection_ = use; }
    /// A WebSocket's handshake: `proof` is the value of a request's Sec-WebSocket-Key and
    /// a response's Sec-WebSocket-Accept, which HTTP/2 has not (RFC 8441 section 5).
    void set_websocket(std::string_view proof) noexcept {
        set_connection(connection_use::websocket);
        websocket_proof_ = proof;
    }

    [[nodiscard]] const std::vector<header>& fields() const noexcept { return fields_; }
    [[nodiscard]] body_framing framing() const noexcept { return framing_; }
    [[nodiscard]] std::uint64_t content_length() const noexcept { return content_length_; } ///< with body_framing::content_length
    [[nodiscard]] connection_use connection() const noexcept { return connection_; }
    [[nodiscard]] std::string_view websocket_proof() const noexcept { return websocket_proof_; } ///< with connection_use::websocket
    /// How many fields stand before the framing, and before the connection: never fewer.
    [[nodiscard]] std::size_t framing_position() const noexcept { return framing_position_; }
    [[nodiscard]] std::size_t connection_position() const noexcept { return connection_position_; }

    /// Lets go of memory if it is more than so many bytes; the head is empty then.
    void shrink(std::size_t most);

protected:
    ~outgoing_head() = default;
    void clear_fields() noexcept;

private:
    std::vector<header> fields_;
    std::vector<std::unique_ptr<std::string>> texts_; ///< each stays where it is when more are made
    std::size_t texts_used_ = 0;
    std::size_t framing_position_ = 0;
    std::size_t connection_position_ = 0;
    std::uint64_t content_length_ = 0;
    std::string_view websocket_proof_;
    body_framing framing_ = body_framing::none;
    connection_use connection_ = connection_use::persists;
};

struct outgoing_request : outgoing_head {
    std::string_view method;
    std::string_view path; ///< raw; "*" for `OPTIONS *`
    std::string_view query;
    bool has_query = false; ///< there is a `?`, maybe with nothing after it
    std::string_view authority;
    bool accepts_trailers = false; ///< TE: trailers

    /// Makes it an empty head again.
    void clear() noexcept;
};

struct outgoing_response : outgoing_head {
    unsigned status = 0; ///< 100 to 999
    std::string_view reason_phrase;

    /// Who makes the head knows nothing of the client's connection: what becomes of it will be said here.
    void place_connection() noexcept { set_connection(connection_use::persists); }

    void clear() noexcept;
};

} // namespace bearward::proxy::http
