// Writes to a client, for answers that are written whole.
#pragma once

#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/waits.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace bearward::proxy {

/// Reads in a row before other connections get their turn: through TLS each may bring a byte.
constexpr int reads_a_turn = 16;

/// Writes all of `text` to the client, within `patience` for the whole of it, and adds to `written`
/// what it took. False: the client is gone or does not read.
[[nodiscard]] awaitable<bool> write_all(client_stream& client, waits& w, std::string_view text, std::chrono::milliseconds patience,
                                        std::uint64_t& written);

} // namespace bearward::proxy
