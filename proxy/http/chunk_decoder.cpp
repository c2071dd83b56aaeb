#include "proxy/http/chunk_decoder.hpp"

#include "policies/invariant.hpp"
#include "proxy/http/cursor.hpp"
#include "proxy/http/syntax.hpp"

#include <algorithm>
#include <limits>

namespace bearward::proxy::http {
namespace {

constexpr std::size_t max_size_line = 256; // proxy/BEHAVIOUR.md 1.8

void skip_blanks(cursor& in) noexcept {
    while (!in.at_end() && (*in.at == ' ' || *in.at == '\t')) {
        ++in.at;
    }
}

/// The rest of a quoted-string (RFC 9110 section 5.6.4), its opening quote being there.
bool take_quoted(cursor& in) noexcept {
    for (++in.at; !in.at_end(); ++in.at) {
        if (*in.at == '"') {
            ++in.at;
            return true;
        }
        if (*in.at == '\\') {
            ++in.at;
            if (in.at_end()) {
                return false;
            }
        }
        if (!is(*in.at, value_byte)) {
            return false;
        }
    }
    return false;
}

/// `;` and a name.
bool take_extension_name(cursor& in) noexcept {
    skip_blanks(in);
    if (in.at_end() || *in.at != ';') {
        return false;
    }
    ++in.at;
    skip_blanks(in);
    return !take_while(in, token_byte).empty();
}

/// *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ): RFC 9112 section 7.1.1.
bool are_extensions(std::string_view text) noexcept {
    cursor in{text.data(), text.data() + text.size()};
    while (!in.at_end()) {
        if (!take_extension_name(in)) {
            return false;
        }
        const char* const after_name = in.at;
        skip_blanks(in);
        if (in.at_end() || *in.at != '=') {
            in.at = after_name;
            continue;
        }
        ++in.at;
        skip_blanks(in);
        const bool quoted = !in.at_end() && *in.at == '"';
        if (quoted ? !take_quoted(in) : take_while(in, token_byte).empty()) {
            return false;
        }
    }
    return true;
}

bool valid_trailer(std::string_view line) noexcept {
    std::size_t name = 0;
    while (name < line.size() && is(line[name], token_byte)) {
        ++name;
    }
    if (name == 0 || name == line.size() || line[name] != ':') {
        return false;
    }
    const char* const end = line.data() + line.size();
    return skip_value(line.data() + name + 1, end) == end;
}

} // namespace

void chunk_decoder::reset() noexcept {
    phase_ = phase::size_line;
    remaining_ = 0;
    line_.clear();
    trailers_.clear();
    over_limit_ = false;
}

void chunk_decoder::reset(std::size_t max_trailers, sender from) noexcept {
    reset();
    max_trailers_ = max_trailers;
    from_ = from;
}

chunk_decoder::step chunk_decoder::next(std::string_view input) {
    const auto whole = input.size();
    while (true) {
        const auto consumed = whole - input.size();
        if (phase_ == phase::finished) {
            return {.what = state::done, .consumed = consumed, .data = {}};
        }
        if (phase_ == phase::failed) {
            return {.what = state::malformed, .consumed = consumed, .data = {}};
        }
        if (input.empty()) {
            return {.what = state::more, .consumed = consumed, .data = {}};
        }
        if (phase_ == phase::data) {
            const auto data = input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size())));
            remaining_ -= data.size();
            if (remaining_ == 0) {
                phase_ = phase::data_end;
            }
            return {.what = state::data, .consumed = consumed + data.size(), .data = data};
        }
        read_line(input);
    }
}

/// Takes a line off `input`, without its CRLF. False: it is not whole yet, or not
/// a line of at most `limit` bytes (then the phase is `failed`).
bool chunk_decoder::take_line(std::string_view& input, std::size_t limit, std::string_view& line) {
    // The line may have `limit` bytes, a CR and a LF: no more is looked at.
    const auto room = limit + 2 - std::min(line_.size(), limit + 2);
    const auto window = input.substr(0, room);
    const auto feed = window.find('\n');
    if (feed == std::string_view::npos) {
        if (window.size() == room) {
            phase_ = phase::failed;
            return false;
        }
        line_.append(window);
        input.remove_prefix(window.size());
        return false;
    }
    if (line_.empty()) {
        line = window.substr(0, feed);
    } else {
        line_.append(window.substr(0, feed));
        line = line_;
    }
    input.remove_prefix(feed + 1);
    if (!line.ends_with('\r')) {
        phase_ = phase::failed;
        return false;
    }
    line.remove_suffix(1);
    return true;
}

void chunk_decoder::read_line(std::string_view& input) {
    policies::invariant(trailers_.size() <= max_trailers_, "no more trailers are kept than may come");
    const bool in_trailers = phase_ == phase::trailers;
    const auto limit = phase_ == phase::data_end ? 0 : in_trailers ? max_trailers_ - trailers_.size() : max_size_line;
    std::string_view line;
    if (!take_line(input, limit, line)) {
        over_limit_ = in_trailers && phase_ == phase::failed && line.data() == nullptr;
        return;
    }
    switch (phase_) {
    case phase::size_line:
        read_size(line);
        break;
    case phase::data_end:
        phase_ = phase::size_line;
        break;
    default:
        read_trailer(line);
        break;
    }
    line_.clear();
}

void chunk_decoder::read_size(std::string_view line) noexcept {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    std::uint64_t size = 0;
    std::size_t digits = 0;
    for (; digits < line.size() && is(line[digits], hex_byte); ++digits) {
        if (size > most >> 4U) {
            phase_ = phase::failed;
            return;
        }
        size = (size << 4U) | static_cast<unsigned>(policies::hex_value(line[digits]));
    }
    if (digits == 0 || !may_follow_size(line.substr(digits))) {
        phase_ = phase::failed;
        return;
    }
    remaining_ = size;
    phase_ = size == 0 ? phase::trailers : phase::data;
}

bool chunk_decoder::may_follow_size(std::string_view text) const noexcept {
    if (text.empty()) {
        return true;
    }
    if (from_ == sender::client) {
        return are_extensions(text);
    }
    cursor in{text.data(), text.data() + text.size()};
    return trim(text).empty() || (take_extension_name(in) && skip_value(in.at, in.end) == in.end);
}

void chunk_decoder::read_trailer(std::string_view line) {
    if (line.empty()) {
        phase_ = phase::finished;
        return;
    }
    if (!valid_trailer(line)) {
        phase_ = phase::failed;
        return;
    }
    if (line.size() + 2 > max_trailers_ - trailers_.size()) {
        over_limit_ = true;
        phase_ = phase::failed;
        return;
    }
    trailers_.append(line).append("\r\n");
}

} // namespace bearward::proxy::http
