#include "proxy/http/body_relay.hpp"

#include "proxy/http/head_rewrite.hpp"

#include <algorithm>
#include <charconv>

namespace bearward::proxy::http {
namespace {

constexpr std::string_view crlf = "\r\n";
constexpr std::string_view last_chunk = "0\r\n\r\n";

} // namespace

void body_relay::begin(stream* source, read_buffer& buffer, stream* sink, const plan& how) {
    source_ = source;
    buffer_ = &buffer;
    sink_ = sink;
    how_ = how;
    decoder_.reset(how.max_trailers, how.from);
    remaining_ = how.content_length;
    written_ = body_bytes_ = asked_at_ = 0;
    consumed_ = 0;
    source_error_ = 0;
    first_ = count_ = size_line_count_ = 0;
    source_done_ = how.in == body_framing::none || (how.in == body_framing::content_length && how.content_length == 0);
}

void body_relay::start(stream* source, read_buffer& buffer, stream& sink, std::string_view head_text, const plan& how) {
    begin(source, buffer, &sink, how);
    add(head_text);
    if (source_done_) {
        add_end();
    }
}

void body_relay::start_dropping(stream& source, read_buffer& buffer, const plan& how, std::uint64_t at_most) {
    begin(&source, buffer, nullptr, how);
    drop_rest(at_most);
}

void body_relay::drop_rest(std::uint64_t at_most) noexcept {
    return_pipe();
    sink_ = nullptr;
    how_.pipes = nullptr;
    how_.max_body = std::numeric_limits<std::uint64_t>::max();
    drop_limit_ = at_most > how_.max_body - body_bytes_ ? how_.max_body : body_bytes_ + at_most;
    buffer_->consume(consumed_);
    consumed_ = 0;
    first_ = count_ = size_line_count_ = 0;
    // Its end may have been in the pipe: then nothing more comes.
    source_done_ |= how_.in == body_framing::content_length && remaining_ == 0;
}

void body_relay::add(std::string_view bytes) noexcept {
    if (!bytes.empty()) {
        // iovec is not const-correct; sendmsg only reads.
        pieces_[count_++] = {const_cast<char*>(bytes.data()), bytes.size()};
    }
}

void body_relay::add_data(std::string_view bytes) {
    body_bytes_ += bytes.size();
    if (!how_.chunk) {
        add(bytes);
        return;
    }
    auto& line = size_lines_[size_line_count_++];
    auto [end, error] = std::to_chars(line.data(), line.data() + line.size() - 2, bytes.size(), 16);
    *end++ = '\r';
    *end++ = '\n';
    add({line.data(), static_cast<std::size_t>(end - line.data())});
    add(bytes);
    add(crlf);
}

void body_relay::add_end() {
    if (!how_.chunk || how_.in == body_framing::none) {
        return;
    }
    if (how_.pass_trailers && how_.in == body_framing::chunked && !decoder_.trailers().empty()) {
        trailer_text_ = "0\r\n";
        make_downstream_trailers(decoder_.trailers(), trailer_text_);
        trailer_text_ += crlf;
        add(trailer_text_);
    } else {
        add(last_chunk);
    }
}

bool body_relay::gather() {
    const std::string_view input = buffer_->data().substr(consumed_);
    if (source_done_ || input.empty() || size_line_count_ == max_pieces || count_ + 4 > pieces_.size()) {
        return true;
    }
    switch (how_.in) {
    case body_framing::none:
        break;
    case body_framing::content_length: {
        const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
        add_data(input.substr(0, take));
        consumed_ += take;
        remaining_ -= take;
        if (remaining_ == 0) {
            source_done_ = true;
            add_end();
        }
        break;
    }
    case body_framing::until_close:
        add_data(input);
        consumed_ += input.size();
        break;
    case body_framing::chunked:
        return gather_chunked(input);
    }
    return true;
}

bool body_relay::gather_chunked(std::string_view input) {
    while (size_line_count_ < max_pieces && count_ + 4 <= pieces_.size()) {
        const auto step = decoder_.next(input);
        consumed_ += step.consumed;
        input.remove_prefix(step.consumed);
        switch (step.what) {
        case chunk_decoder::state::data:
            if (step.data.size() > how_.max_body - body_bytes_) {
                return fail(status::body_too_large);
            }
            add_data(step.data);
            break;
        case chunk_decoder::state::more:
            return true;
        case chunk_decoder::state::done:
            source_done_ = true;
            add_end();
            return true;
        case chunk_decoder::state::malformed:
            return fail(decoder_.over_limit() ? status::trailers_too_large : status::source_malformed);
        }
    }
    return true;
}

bool body_relay::fail(status why) noexcept {
    failure_ = why;
    return false;
}

io_result body_relay::flush() {
    const auto result = sink_->write_some(std::span{pieces_}.subspan(first_, count_ - first_), how_.last && source_done_);
    if (!result.done()) {
        return result;
    }
    written_ += result.bytes;
    std::size_t left = result.bytes;
    while (first_ != count_ && left >= pieces_[first_].iov_len) {
        left -= pieces_[first_].iov_len;
        ++first_;
    }
    if (first_ != count_) {
        auto& piece = pieces_[first_];
        piece = {static_cast<char*>(piece.iov_base) + left, piece.iov_len - left};
    }
    return result;
}

body_relay::status body_relay::read_more() {
    if (source_ == nullptr) {
        return fail_source(0);
    }
    if (!source_->readable()) {
        source_->want_read();
        return status::blocked_on_source;
    }
    const auto result = source_->read_some(buffer_->make_space(read_size));
    switch (result.what) {
    case io_result::kind::done:
        buffer_->commit(result.bytes);
        return status::again;
    case io_result::kind::would_block:
        source_->want_read();
        return status::blocked_on_source;
    case io_result::kind::end_of_stream:
        if (how_.in == body_framing::until_close) {
            source_done_ = true;
            add_end();
            return status::again;
        }
        break;
    case io_result::kind::failed:
        break;
    }
    return fail_source(result.error);
}

body_relay::status body_relay::fail_source(int error) noexcept {
    source_error_ = error;
    return status::source_failed;
}

body_relay::status body_relay::write_pending() {
    if (sink_ == nullptr) {
        return body_bytes_ > drop_limit_ ? status::body_too_large : status::again;
    }
    while (pending()) {
        const auto result = flush();
        if (result.would_block()) {
            sink_->want_write();
            return status::blocked_on_sink;
        }
        if (!result.done()) {
            return status::sink_failed;
        }
    }
    return status::again;
}

bool body_relay::has_had_its_share() noexcept {
    if (how_.loop == nullptr || body_bytes_ - asked_at_ < read_size) {
        return false;
    }
    asked_at_ = body_bytes_;
    return how_.loop->turn_is_spent();
}

body_relay::status body_relay::pump() {
    for (int turn = 0; turn < turn_length; ++turn) {
        if (!gather()) {
            return failure_;
        }
        if (const auto result = write_pending(); result != status::again) {
            return result;
        }
        first_ = count_ = size_line_count_ = 0;
        buffer_->consume(consumed_);
        consumed_ = 0;
        if (source_done_) {
            return status::finished;
        }
        if (has_had_its_share()) {
            return status::again;
        }
        if (buffer_->empty()) {
            if (const auto result = may_splice() ? splice_more() : read_more(); result != status::again) {
                return result;
            }
        }
    }
    return status::again;
}

} // namespace bearward::proxy::http
