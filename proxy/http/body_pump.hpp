// Streams one message, head and body, from one connection to the other with bounded memory: it
// reads only when everything read before has been written. A reader takes the framing off, a writer
// puts one on, so that both sides see a framing of ours.
#pragma once

#include "proxy/event/pipe_pool.hpp"
#include "proxy/event/ready_loop.hpp"
#include "proxy/http/body_reader.hpp"
#include "proxy/http/body_writer.hpp"
#include "proxy/http/event_boundary.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

namespace bearward::proxy::http {

class body_pump {
public:
    struct plan {
        body_reader::plan in;
        body_writer::plan out{};
        bool pass_trailers = false; ///< trailers leave too, where the body leaves in chunks
        bool has_events = false;    ///< it is a text/event-stream, which may be told to end early
        pipe_pool* pipes = nullptr; ///< for large bodies of plain streams; null: they are copied
        ready_loop* loop = nullptr; ///< whose turns are shared with others; null: no others wait
    };

    /// Begins a message whose head is `head_text`. All arguments must stay valid while the pump is
    /// used; `source` may be null when there is no body to read.
    void start(stream* source, read_buffer& buffer, stream& sink, std::string_view head_text, const plan& how);

    /// Of a stream of events that leaves in chunks: the message ends with the event under way, as a whole one; what
    /// comes behind is not read. False: it can't.
    [[nodiscard]] bool end_at_event() noexcept;
    /// Whether it ended so, before its source did.
    [[nodiscard]] bool ended_early() const noexcept { return cut_; }

    /// From here on what comes is read and thrown away, up to so many bytes more; nothing more is
    /// written.
    void drop_rest(std::uint64_t at_most = std::numeric_limits<std::uint64_t>::max()) noexcept;
    /// The same from a message's beginning.
    void start_dropping(stream& source, read_buffer& buffer, const body_reader::plan& how, std::uint64_t at_most);

    /// Lets go of the pipe, if it has one. The message is over.
    void finish() noexcept {
        if (pipe_) {
            return_pipe();
        }
    }

    /// Moves bytes until one side blocks. Arms the wait it needs.
    [[nodiscard]] body_status pump();

    /// Whether anything was written to the sink.
    [[nodiscard]] bool wrote() const noexcept { return writer_.written() != 0; }
    [[nodiscard]] std::uint64_t bytes_written() const noexcept { return writer_.written(); }
    /// Grows whenever the sink takes something, also of a TLS record that is not out as a whole:
    /// a peer that takes 16 KiB slowly still reads.
    [[nodiscard]] std::uint64_t taken() const noexcept {
        return writer_.written() + (writer_.sink() != nullptr ? writer_.sink()->tls_bytes_sent() : 0);
    }
    /// Whether the body's end has been read from the source.
    [[nodiscard]] bool source_done() const noexcept { return reader_.done(); }
    /// Whether the message's end has been written to the sink, too.
    [[nodiscard]] bool sink_done() const noexcept { return writer_.sink() != nullptr && reader_.done() && !writer_.pending(); }
    /// Errno of a source that failed; 0: it ended.
    [[nodiscard]] int source_error() const noexcept { return reader_.source_error(); }
    [[nodiscard]] std::uint64_t body_bytes() const noexcept { return reader_.bytes(); }

private:
    static constexpr int turn_length = 32;
    /// What is left of a body that is worth a pipe.
    static constexpr std::uint64_t least_spliced = std::uint64_t{256} * 1024;

    void begin(const plan& how) noexcept;
    /// Hands over what is in the buffer. False: the source sent what it must not.
    [[nodiscard]] bool gather();
    /// Hands over a piece of the body: as far as it may leave.
    void add_piece(std::string_view data);
    /// Ends the message here.
    void cut();
    /// Hands over the end, once it has been read.
    void end_message();
    /// Empties the writer; `again` when all is out.
    [[nodiscard]] body_status write_pending();
    [[nodiscard]] body_status read_more();
    [[nodiscard]] bool may_splice();
    [[nodiscard]] body_status splice_more();
    [[nodiscard]] body_status fill_pipe();
    void return_pipe() noexcept;
    /// Whether others should have their turn: asked once a block, since small messages end before.
    [[nodiscard]] bool has_had_its_share() noexcept;

    body_reader reader_;
    body_writer writer_;
    pipe_pool* pipes_ = nullptr;
    ready_loop* loop_ = nullptr;
    std::uint64_t drop_limit_ = 0; ///< of body_bytes(), while dropping
    std::uint64_t asked_at_ = 0;   ///< the body_bytes() when the loop was asked for the time
    bool pass_trailers_ = false;
    bool has_events_ = false;
    bool ending_ = false; ///< with the event under way
    bool cut_ = false;    ///< ended there
    bool ended_ = false;  ///< the writer has the end
    event_boundary events_;
    std::string trailers_;
    std::unique_ptr<splice_pipe> pipe_; ///< while it is in use
};

} // namespace bearward::proxy::http
