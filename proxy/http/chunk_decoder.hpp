// Strict, incremental decoding of the chunked transfer coding (RFC 9112 section
// 7.1). Extensions and trailers are checked for form; trailers are kept for who
// wants them.
#pragma once

#include "proxy/http/head.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bearward::proxy::http {

class chunk_decoder {
public:
    enum class state : std::uint8_t { more, data, done, malformed };

    /// One step of decoding.
    struct step {
        state what = state::more;
        std::size_t consumed = 0; ///< bytes of the input that are done with, `data` included
        std::string_view data;    ///< for state::data: body bytes, a view into the input
    };

    explicit chunk_decoder(std::size_t max_trailers = std::size_t{32} * 1024) noexcept : max_trailers_(max_trailers) {}

    /// Looks at the start of `input`. `more`: all of it was consumed, give the
    /// next bytes. `data`: give the rest of the input again. `done`: the message
    /// ends at `consumed`; what follows belongs to the next. Malformed: bare CR
    /// or LF, a chunk-size line over 256 bytes, sizes over 2^63 - 1, an extension
    /// without a name, bad trailers.
    [[nodiscard]] step next(std::string_view input);

    /// Malformed because the trailers are over `max_trailers` (431 rather than 400).
    [[nodiscard]] bool over_limit() const noexcept { return over_limit_; }

    /// The trailer section as received, without the final empty line; valid after `done`.
    [[nodiscard]] std::string_view trailers() const noexcept { return trailers_; }

    /// Whose body it is. A response's is understood more widely, since it is framed
    /// anew: blanks may follow a chunk size, and extensions need only a name.
    enum class sender : std::uint8_t { client, server };

    /// Ready for the next message.
    void reset() noexcept;
    /// The same, with trailers of up to `max_trailers` bytes.
    void reset(std::size_t max_trailers, sender from) noexcept;

private:
    enum class phase : std::uint8_t { size_line, data, data_end, trailers, finished, failed };

    [[nodiscard]] bool take_line(std::string_view& input, std::size_t limit, std::string_view& line);
    void read_line(std::string_view& input);
    void read_size(std::string_view line) noexcept;
    [[nodiscard]] bool may_follow_size(std::string_view text) const noexcept;
    void read_trailer(std::string_view line);

    phase phase_ = phase::size_line;
    std::uint64_t remaining_ = 0;
    std::string line_; // a line that came in parts, without its LF
    bool over_limit_ = false;
    std::string trailers_;
    std::size_t max_trailers_;
    sender from_ = sender::client;
};

} // namespace bearward::proxy::http
