// Streams one message, head and body, from one connection to the other with
// bounded memory: it reads only when everything read before has been written.
// Chunked bodies are decoded and framed anew, so that both sides see the same
// framing (RFC 9112 section 7.1).
#pragma once

#include "proxy/event/pipe_pool.hpp"
#include "proxy/event/read_buffer.hpp"
#include "proxy/event/readiness.hpp"
#include "proxy/event/ready_loop.hpp"
#include "proxy/http/chunk_decoder.hpp"
#include "proxy/http/head.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <sys/uio.h>

namespace bearward::proxy::http {

class body_relay {
public:
    enum class status : std::uint8_t {
        finished,          ///< the whole message is written
        blocked_on_source, ///< waits for the source to be readable
        blocked_on_sink,   ///< waits for the sink to be writable
        again,             ///< its turn is over, but there is more to do at once
        source_failed,     ///< the source broke off before the body's end
        source_malformed,  ///< the chunked coding is broken
        trailers_too_large,
        body_too_large, ///< more came than the plan's max_body, or than may be dropped
        sink_failed,
    };

    /// How the body arrives and how it leaves.
    struct plan {
        body_framing in = body_framing::none;
        std::uint64_t content_length = 0;
        bool chunk = false;         ///< leaves chunked; else as raw bytes
        bool last = false;          ///< the sink is shut down or closed as soon as this is finished
        bool pass_trailers = false; ///< trailers leave too (with chunk)
        chunk_decoder::sender from = chunk_decoder::sender::client;
        std::size_t max_trailers = 0; ///< bytes of trailers that may arrive
        pipe_pool* pipes = nullptr;   ///< for large bodies of plain streams; null: they are copied
        ready_loop* loop = nullptr;   ///< whose turns are shared with others; null: nobody else waits
        /// Bytes of a chunked body that may arrive; a length that was told is the caller's to judge.
        std::uint64_t max_body = std::numeric_limits<std::uint64_t>::max();
    };

    /// Begins a message whose head is `head_text`; it leaves in one write with
    /// what of the body is in `buffer` already. All arguments must outlive the
    /// relay's use; `source` may be null when there is no body to read.
    void start(stream* source, read_buffer& buffer, stream& sink, std::string_view head_text, const plan& how);

    /// From here on what comes is read and thrown away, up to so many bytes more;
    /// nothing more is written.
    void drop_rest(std::uint64_t at_most = std::numeric_limits<std::uint64_t>::max()) noexcept;
    /// The same from a message's beginning.
    void start_dropping(stream& source, read_buffer& buffer, const plan& how, std::uint64_t at_most);

    /// Lets go of the pipe, if it has one. The relay is over.
    void finish() noexcept { return_pipe(); }

    /// Moves bytes until one side blocks. Arms the wait it needs.
    [[nodiscard]] status pump();

    /// Whether anything was written to the sink.
    [[nodiscard]] bool wrote() const noexcept { return written_ != 0; }
    [[nodiscard]] std::uint64_t bytes_written() const noexcept { return written_; }
    /// Grows whenever the sink takes something, also of a TLS record that is not out as a whole:
    /// a slow reader of 16 KiB is no deaf one.
    [[nodiscard]] std::uint64_t taken() const noexcept { return written_ + (sink_ != nullptr ? sink_->tls_bytes_sent() : 0); }
    /// Whether the body's end has been read from the source.
    [[nodiscard]] bool source_done() const noexcept { return source_done_; }
    /// Whether the message's end has been written to the sink, too.
    [[nodiscard]] bool sink_done() const noexcept { return sink_ != nullptr && source_done_ && !pending(); }
    /// Errno of a source that failed; 0: it ended.
    [[nodiscard]] int source_error() const noexcept { return source_error_; }
    [[nodiscard]] std::uint64_t body_bytes() const noexcept { return body_bytes_; }

private:
    static constexpr std::size_t max_pieces = 8;
    static constexpr std::size_t read_size = 64 * 1024;
    static constexpr int turn_length = 32;
    /// What is left of a body that is worth a pipe.
    static constexpr std::uint64_t least_spliced = std::uint64_t{256} * 1024;

    [[nodiscard]] bool pending() const noexcept { return first_ != count_; }
    void begin(stream* source, read_buffer& buffer, stream* sink, const plan& how);
    void add(std::string_view bytes) noexcept;
    void add_data(std::string_view bytes);
    void add_end();
    /// False: the source sent what it must not; `failure_` says what.
    [[nodiscard]] bool gather();
    [[nodiscard]] bool gather_chunked(std::string_view input);
    [[nodiscard]] bool fail(status why) noexcept;
    [[nodiscard]] io_result flush();
    /// Empties the pending pieces; `again` when all are out.
    [[nodiscard]] status write_pending();
    [[nodiscard]] status fail_source(int error) noexcept;
    [[nodiscard]] status read_more();
    [[nodiscard]] bool may_splice();
    [[nodiscard]] status splice_more();
    [[nodiscard]] status fill_pipe();
    void return_pipe() noexcept;
    /// Whether others should have their turn: asked once a block, since small messages end before.
    [[nodiscard]] bool has_had_its_share() noexcept;

    stream* source_ = nullptr;
    read_buffer* buffer_ = nullptr;
    stream* sink_ = nullptr; ///< null: what comes is dropped
    plan how_;
    chunk_decoder decoder_;
    std::uint64_t remaining_ = 0;
    std::uint64_t written_ = 0;
    std::uint64_t body_bytes_ = 0;
    std::uint64_t drop_limit_ = 0; ///< of body_bytes_, while dropping
    std::uint64_t asked_at_ = 0;   ///< the body_bytes_ when the loop was asked for the time
    int source_error_ = 0;
    std::size_t consumed_ = 0; ///< bytes of the buffer that the pending pieces come from
    bool source_done_ = false;
    status failure_ = status::source_malformed;

    std::array<iovec, max_pieces * 3 + 2> pieces_{};
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    std::array<std::array<char, 20>, max_pieces> size_lines_{};
    std::size_t size_line_count_ = 0;
    std::string trailer_text_;
    std::unique_ptr<splice_pipe> pipe_; ///< while it is in use
};

} // namespace bearward::proxy::http
