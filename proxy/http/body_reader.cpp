#include "proxy/http/body_reader.hpp"

#include "policies/invariant.hpp"

#include <algorithm>
#include <utility>

namespace bearward::proxy::http {

void body_reader::start(stream* source, read_buffer& buffer, const plan& how) {
    source_ = source;
    buffer_ = &buffer;
    how_ = how;
    if (how.framing == body_framing::chunked) {
        decoder_.reset(how.max_trailers, how.from);
    }
    remaining_ = how.content_length;
    bytes_ = 0;
    taken_ = 0;
    source_error_ = 0;
    failure_ = body_status::again;
    done_ = how.framing == body_framing::none || (how.framing == body_framing::content_length && how.content_length == 0);
}

std::string_view body_reader::next() {
    auto data = buffer_->data().substr(taken_);
    if (done_ || data.empty()) {
        return {};
    }
    switch (how_.framing) {
    case body_framing::none:
        return {};
    case body_framing::content_length:
        data = data.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, data.size())));
        remaining_ -= data.size();
        done_ = remaining_ == 0;
        break;
    case body_framing::until_close:
        break;
    case body_framing::chunked:
        return next_chunk(data);
    }
    taken_ += data.size();
    bytes_ += data.size();
    return data;
}

std::string_view body_reader::next_chunk(std::string_view input) {
    const auto step = decoder_.next(input);
    taken_ += step.consumed;
    switch (step.what) {
    case chunk_decoder::state::data:
        if (step.data.size() > how_.max_body - bytes_) {
            failure_ = body_status::body_too_large;
            return {};
        }
        bytes_ += step.data.size();
        return step.data;
    case chunk_decoder::state::more:
        return {};
    case chunk_decoder::state::done:
        done_ = true;
        return {};
    case chunk_decoder::state::malformed:
        failure_ = decoder_.over_limit() ? body_status::trailers_too_large : body_status::source_malformed;
        return {};
    }
    std::unreachable();
}

void body_reader::release() noexcept {
    buffer_->consume(std::exchange(taken_, 0));
}

body_status body_reader::read_more() {
    if (source_ == nullptr) {
        return fail(0);
    }
    if (!source_->readable()) {
        source_->want_read();
        return body_status::blocked_on_source;
    }
    const auto result = source_->read_some(buffer_->make_space(read_size));
    switch (result.what) {
    case io_result::kind::done:
        buffer_->commit(result.bytes);
        return body_status::again;
    case io_result::kind::would_block:
        source_->want_read();
        return body_status::blocked_on_source;
    case io_result::kind::end_of_stream:
        if (how_.framing == body_framing::until_close) {
            done_ = true;
            return body_status::again;
        }
        break;
    case io_result::kind::failed:
        break;
    }
    return fail(result.error);
}

body_status body_reader::fail(int error) noexcept {
    source_error_ = error;
    return body_status::source_failed;
}

void body_reader::lift_limit() noexcept {
    how_.max_body = std::numeric_limits<std::uint64_t>::max();
    if (failure_ == body_status::body_too_large) {
        failure_ = body_status::again;
    }
}

void body_reader::note_passed(std::uint64_t bytes) noexcept {
    policies::invariant(bytes <= remaining_, "no more of a body is read than is left of it");
    remaining_ -= bytes;
    bytes_ += bytes;
}

} // namespace bearward::proxy::http
