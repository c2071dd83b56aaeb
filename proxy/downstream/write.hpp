// Small awaiting steps that answers and the forwarding path share.
#pragma once

#include "proxy/downstream/client_stream.hpp"
#include "proxy/downstream/exchange.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string_view>

namespace bearward::proxy::downstream {

/// Reads in a row before other connections get their turn: through TLS each may bring a byte.
constexpr int reads_a_turn = 16;

/// How much is read of a client whose answer is out: clients that send all before
/// they read get it only so (contract 3, Answers).
struct drop_limits {
    std::uint64_t bytes;
    std::chrono::milliseconds time;
    std::chrono::milliseconds pause; ///< between two reads
};
constexpr drop_limits after_own_answer{1024 * 1024, std::chrono::seconds{5}, std::chrono::seconds{5}};
constexpr drop_limits after_upstreams_answer{std::numeric_limits<std::uint64_t>::max(), std::chrono::seconds{30}, std::chrono::seconds{5}};

/// Writes all of `text` to the client, within one write_timeout for the whole of it.
/// False: the client is gone or does not read.
[[nodiscard]] awaitable<bool> write_all(client_stream& client, exchange& x, std::string_view text);

/// What became of a body that is dropped.
enum class dropped : std::uint8_t {
    whole,   ///< it ended
    in_part, ///< more comes than is read, or it is malformed
    over,    ///< the client left, or its time is over
};

/// Reads the rest of the request's body and drops it, from where exchange::upload stands.
/// `ends`: what is sent to the client ends at once, or as soon as there is room: it may read the
/// answer's end while it still sends.
[[nodiscard]] awaitable<dropped> drop_body(client_stream& client, exchange& x, const drop_limits& at_most, bool ends = false);

/// Ends what is sent to the client: with TLS that is a record, for which there has to be room
/// within write_timeout. Without it the client would take an answer that ends so for a cut one.
/// False: it is not out, because the client does not read or the process stops.
[[nodiscard]] awaitable<bool> end_writing(client_stream& client, exchange& x);

/// Ends the client's connection so that the answer just written arrives although
/// the client may still be sending: no more writes, then a moment of reading, up to
/// so many bytes (RFC 9112 section 9.6).
awaitable<> linger(client_stream& client, exchange& x, std::uint64_t at_most = after_own_answer.bytes);

/// Ends the client's connection after an answer behind which more of the request's
/// body may come.
awaitable<> drop_and_linger(client_stream& client, exchange& x, const drop_limits& at_most);

} // namespace bearward::proxy::downstream
