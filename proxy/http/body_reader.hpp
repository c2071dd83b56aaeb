// The body of one HTTP/1 message as it arrives: its framing is taken off
// (RFC 9112 section 6), what is left are views into the read buffer.
#pragma once

#include "proxy/event/read_buffer.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/http/body_status.hpp"
#include "proxy/http/chunk_decoder.hpp"
#include "proxy/http/head.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace bearward::proxy::http {

class body_reader {
public:
    /// How the body arrives.
    struct plan {
        body_framing framing = body_framing::none;
        std::uint64_t content_length = 0;
        chunk_decoder::sender from = chunk_decoder::sender::client;
        std::size_t max_trailers = 0; ///< bytes of trailers that may arrive
        /// Bytes of a chunked body that may arrive; a declared length is the caller's to judge.
        std::uint64_t max_body = std::numeric_limits<std::uint64_t>::max();
    };

    /// Begins with what is in `buffer` already. `source` may be null when nothing more is to be
    /// read. Both must stay valid until the next start().
    void start(stream* source, read_buffer& buffer, const plan& how);

    /// The next piece of the body that is in the buffer; valid until release(). Empty: the body has
    /// ended (done()), more has to be read, or it is broken (failure()).
    [[nodiscard]] std::string_view next();
    /// Drops from the buffer what next() has given.
    void release() noexcept;
    /// Reads once from the source. again: there is more to look at; blocked_on_source: the wait is
    /// armed; source_failed.
    [[nodiscard]] body_status read_more();

    /// The source failed with this errno; 0: it ended too early. source_failed.
    [[nodiscard]] body_status fail(int error) noexcept;

    /// Bytes passed by beside the buffer (splice(2)): of a body with a length.
    void note_passed(std::uint64_t bytes) noexcept;
    /// Ends a body of which nothing is left, once what passed by is where it should go.
    void finish_if_none_left() noexcept { done_ |= how_.framing == body_framing::content_length && remaining_ == 0; }
    /// From here on any length will do, also of a body that was too long.
    void lift_limit() noexcept;

    [[nodiscard]] stream* source() const noexcept { return source_; }
    [[nodiscard]] body_framing framing() const noexcept { return how_.framing; }
    /// Whether the body's end has been read.
    [[nodiscard]] bool done() const noexcept { return done_; }
    /// Whether all that was read has been given.
    [[nodiscard]] bool is_drained() const noexcept { return buffer_->data().size() == taken_; }
    /// source_malformed, trailers_too_large or body_too_large; again: nothing is wrong.
    [[nodiscard]] body_status failure() const noexcept { return failure_; }
    /// Errno of a source that failed; 0: it ended.
    [[nodiscard]] int source_error() const noexcept { return source_error_; }
    /// Of a body with a length: what is still to come.
    [[nodiscard]] std::uint64_t remaining() const noexcept { return remaining_; }
    /// Bytes of the body so far.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    /// The trailer section as received, once done.
    [[nodiscard]] std::string_view trailers() const noexcept {
        return how_.framing == body_framing::chunked ? decoder_.trailers() : std::string_view{};
    }

    /// The most that is read at a time.
    static constexpr std::size_t read_size = std::size_t{64} * 1024;

private:
    [[nodiscard]] std::string_view next_chunk(std::string_view input);

    stream* source_ = nullptr;
    read_buffer* buffer_ = nullptr;
    plan how_;
    chunk_decoder decoder_;
    std::uint64_t remaining_ = 0;
    std::uint64_t bytes_ = 0;
    std::size_t taken_ = 0; ///< bytes of the buffer that next() is done with
    int source_error_ = 0;
    bool done_ = false;
    body_status failure_ = body_status::again;
};

} // namespace bearward::proxy::http
