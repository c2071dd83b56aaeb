// One HTTP/1 message as it leaves: the head and what of the body is there already go out in one
// gathered write; the body as it is or in chunks (RFC 9112 section 7.1).
#pragma once

#include "proxy/event/readiness.hpp"
#include "proxy/http/body_status.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/uio.h>

namespace bearward::proxy::http {

class body_writer {
public:
    /// How the body leaves.
    struct plan {
        bool chunk = false; ///< else as raw bytes
        bool last = false;  ///< the sink is shut down or closed as soon as the message is written
    };

    /// `head_text` and all that is added must stay valid until it is written.
    void start(stream& sink, std::string_view head_text, const plan& how);
    /// Without a sink: what is added is thrown away.
    void discard() noexcept;

    /// Whether another piece and the end may be added before a write.
    [[nodiscard]] bool has_room() const noexcept { return size_line_count_ < max_pieces && count_ + 4 <= pieces_.size(); }
    /// A piece of the body; not empty.
    void add_data(std::string_view bytes);
    /// The body's end. `trailers`: field lines with their line ends; not used unless chunked.
    void add_end(std::string_view trailers);
    /// Writes all that was added, or as much as the sink takes. again: all is out, more may be
    /// added; blocked_on_sink: the wait is armed; sink_failed.
    [[nodiscard]] body_status flush();
    /// Bytes passed by beside this (splice(2)).
    void note_passed(std::uint64_t bytes) noexcept { written_ += bytes; }

    [[nodiscard]] stream* sink() const noexcept { return sink_; } ///< null: what comes is thrown away
    [[nodiscard]] bool pending() const noexcept { return first_ != count_; }
    /// Bytes that the sink has taken, the head's too.
    [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
    /// Whether the sink ends with this message.
    [[nodiscard]] bool is_last() const noexcept { return how_.last; }
    /// Whether the body leaves as it came.
    [[nodiscard]] bool is_raw() const noexcept { return !how_.chunk; }

private:
    static constexpr std::size_t max_pieces = 8;

    void add(std::string_view bytes) noexcept;
    void clear() noexcept { first_ = count_ = size_line_count_ = 0; }

    stream* sink_ = nullptr;
    plan how_;
    std::uint64_t written_ = 0;
    bool ended_ = false;
    std::array<iovec, max_pieces * 3 + 2> pieces_{};
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    std::array<std::array<char, 20>, max_pieces> size_lines_{};
    std::size_t size_line_count_ = 0;
    std::string end_; ///< with trailers
};

} // namespace bearward::proxy::http
