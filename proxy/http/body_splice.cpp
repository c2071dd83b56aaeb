// The part of body_pump that large bodies take: from socket to socket by way of a
// pipe, when they pass unchanged.
#include "policies/invariant.hpp"
#include "proxy/http/body_pump.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace bearward::proxy::http {

using policies::invariant;

/// Whether the rest of the body goes through a pipe; takes one if it has none yet.
bool body_pump::may_splice() {
    if (pipe_) {
        return true;
    }
    const bool worth_it =
        pipes_ != nullptr && reader_.framing() == body_framing::content_length && writer_.is_raw() && reader_.remaining() >= least_spliced;
    if (!worth_it || reader_.source() == nullptr || reader_.source()->session() != nullptr || writer_.sink()->session() != nullptr) {
        return false;
    }
    pipe_ = pipes_->borrow();
    return pipe_ != nullptr;
}

body_status body_pump::splice_more() {
    invariant(!writer_.pending(), "what is in memory leaves before what is in the pipe");
    if (pipe_->held() == 0) {
        if (const auto result = fill_pipe(); result != body_status::again || pipe_ == nullptr) {
            return result;
        }
    }
    // What follows may take its time, so only the end may be waited for.
    const bool none_left = reader_.remaining() == 0;
    const auto result = writer_.sink()->splice_from(*pipe_, none_left && writer_.is_last());
    if (result.would_block()) {
        writer_.sink()->want_write();
        return body_status::blocked_on_sink;
    }
    if (!result.done()) {
        return body_status::sink_failed;
    }
    writer_.note_passed(result.bytes);
    if (none_left && pipe_->held() == 0) {
        reader_.finish_if_none_left();
        return_pipe();
    }
    return body_status::again;
}

body_status body_pump::fill_pipe() {
    stream& source = *reader_.source();
    if (!source.readable()) {
        source.want_read();
        return body_status::blocked_on_source;
    }
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(reader_.remaining(), splice_pipe::capacity));
    const auto result = source.splice_to(*pipe_, most);
    if (result.done()) {
        reader_.note_passed(result.bytes);
        return body_status::again;
    }
    if (result.would_block()) {
        source.want_read();
        return body_status::blocked_on_source;
    }
    if (result.what == io_result::kind::failed && result.error == EINVAL) {
        return_pipe();
        pipes_ = nullptr; // a kind of socket that can't: its bytes are copied
        return body_status::again;
    }
    return reader_.fail(result.error);
}

void body_pump::return_pipe() noexcept {
    if (pipe_) {
        pipes_->give_back(std::exchange(pipe_, nullptr));
    }
}

} // namespace bearward::proxy::http
