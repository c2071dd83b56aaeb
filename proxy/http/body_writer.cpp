#include "proxy/http/body_writer.hpp"

#include "policies/invariant.hpp"

#include <charconv>
#include <span>

namespace bearward::proxy::http {
namespace {

constexpr std::string_view crlf = "\r\n";
constexpr std::string_view last_chunk = "0\r\n\r\n";

} // namespace

void body_writer::start(stream& sink, std::string_view head_text, const plan& how) {
    sink_ = &sink;
    how_ = how;
    written_ = 0;
    ended_ = false;
    clear();
    add(head_text);
}

void body_writer::discard() noexcept {
    sink_ = nullptr;
    clear();
}

void body_writer::add(std::string_view bytes) noexcept {
    if (!bytes.empty()) {
        // iovec is not const-correct; sendmsg only reads.
        pieces_[count_++] = {const_cast<char*>(bytes.data()), bytes.size()};
    }
}

void body_writer::add_data(std::string_view bytes) {
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

void body_writer::add_end(std::string_view trailers) {
    ended_ = true;
    if (!how_.chunk) {
        return;
    }
    if (trailers.empty()) {
        add(last_chunk);
        return;
    }
    end_ = "0\r\n";
    end_ += trailers;
    end_ += crlf;
    add(end_);
}

body_status body_writer::flush() {
    while (sink_ != nullptr && pending()) {
        const auto result = sink_->write_some(std::span{pieces_}.subspan(first_, count_ - first_), how_.last && ended_);
        if (result.would_block()) {
            sink_->want_write();
            return body_status::blocked_on_sink;
        }
        if (!result.done()) {
            return body_status::sink_failed;
        }
        written_ += result.bytes;
        std::size_t left = result.bytes;
        while (first_ != count_ && left >= pieces_[first_].iov_len) {
            left -= pieces_[first_].iov_len;
            ++first_;
        }
        policies::invariant(first_ != count_ || left == 0, "a sink takes no more than it is given");
        if (first_ != count_) {
            auto& piece = pieces_[first_];
            piece = {static_cast<char*>(piece.iov_base) + left, piece.iov_len - left};
        }
    }
    clear();
    return body_status::again;
}

} // namespace bearward::proxy::http
