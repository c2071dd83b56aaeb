// The part of body_relay that large bodies take: from socket to socket by way of a
// pipe, when they pass unchanged.
#include "proxy/http/body_relay.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace bearward::proxy::http {

/// Whether the rest of the body goes through a pipe; takes one if it has none yet.
bool body_relay::may_splice() {
    if (pipe_) {
        return true;
    }
    const bool worth_it = how_.pipes != nullptr && how_.in == body_framing::content_length && !how_.chunk && remaining_ >= least_spliced;
    if (!worth_it || source_ == nullptr || source_->session() != nullptr || sink_->session() != nullptr) {
        return false;
    }
    pipe_ = how_.pipes->borrow();
    return pipe_ != nullptr;
}

body_relay::status body_relay::splice_more() {
    if (pipe_->held == 0) {
        if (const auto result = fill_pipe(); result != status::again || pipe_ == nullptr) {
            return result;
        }
    }
    // What follows may take its time, so only the end may be waited for.
    const auto result = sink_->splice_from(pipe_->out(), pipe_->held, remaining_ == 0 && how_.last);
    if (result.would_block()) {
        sink_->want_write();
        return status::blocked_on_sink;
    }
    if (!result.done()) {
        return status::sink_failed;
    }
    written_ += result.bytes;
    pipe_->held -= result.bytes;
    if (remaining_ == 0 && pipe_->held == 0) {
        source_done_ = true;
        return_pipe();
    }
    return status::again;
}

body_relay::status body_relay::fill_pipe() {
    if (!source_->readable()) {
        source_->want_read();
        return status::blocked_on_source;
    }
    const auto result =
        source_->splice_to(pipe_->in(), static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, splice_pipe::capacity)));
    if (result.done()) {
        pipe_->held = result.bytes;
        remaining_ -= result.bytes;
        body_bytes_ += result.bytes;
        return status::again;
    }
    if (result.would_block()) {
        source_->want_read();
        return status::blocked_on_source;
    }
    if (result.what == io_result::kind::failed && result.error == EINVAL) {
        return_pipe();
        how_.pipes = nullptr; // a kind of socket that can't: its bytes are copied
        return status::again;
    }
    return fail_source(result.error);
}

void body_relay::return_pipe() noexcept {
    if (pipe_) {
        how_.pipes->give_back(std::exchange(pipe_, nullptr));
    }
}

} // namespace bearward::proxy::http
