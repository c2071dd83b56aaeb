#include "policies/tokens/issuer_pattern.hpp"

#include "policies/ascii.hpp"

#include <algorithm>
#include <utility>

namespace bearward::policies::tokens {
namespace {

constexpr bool is_value_byte(char byte) noexcept {
    return is_base64url(byte) || byte == '.' || byte == '~';
}

bool is_value(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, is_value_byte);
}

/// Where a piece first stands after one or more value bytes; npos: nowhere. A piece
/// with another byte in it has one place at most, as the name ends before that byte.
/// One of value bytes alone leaves all that the name could still take behind its first place.
std::size_t place_after_name(std::string_view text, std::string_view piece) noexcept {
    const auto end = std::ranges::find_if_not(text, is_value_byte);
    const auto run = static_cast<std::size_t>(end - text.begin());
    const auto other = std::ranges::find_if_not(piece, is_value_byte);
    if (other == piece.end()) {
        return text.substr(0, run).find(piece, 1);
    }
    const auto before = static_cast<std::size_t>(other - piece.begin());
    return run > before && text.substr(run - before).starts_with(piece) ? run - before : std::string_view::npos;
}

/// A pattern byte by byte: -1 stands for one or more value bytes.
std::vector<int> symbols_of(const std::vector<std::string>& pieces) {
    std::vector<int> symbols;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (i != 0) {
            symbols.push_back(-1);
        }
        for (const char byte : pieces[i]) {
            symbols.push_back(static_cast<unsigned char>(byte));
        }
    }
    return symbols;
}

/// Whether one text has both forms: a table of which rests can be equal.
bool can_be_equal(const std::vector<int>& left, const std::vector<int>& right) {
    const std::size_t columns = right.size() + 1;
    // Of a name that has one byte already, `open` says that it may take more.
    enum : std::size_t { closed, left_open, right_open, states };
    std::vector<char> seen((left.size() + 1) * columns * states, 0);
    std::vector<std::size_t> todo{0};
    seen[0] = 1;
    const auto visit = [&](std::size_t l, std::size_t r, std::size_t state) {
        const std::size_t at = (l * columns + r) * states + state;
        if (seen[at] == 0) {
            seen[at] = 1;
            todo.push_back(at);
        }
    };
    while (!todo.empty()) {
        const std::size_t at = todo.back();
        todo.pop_back();
        const std::size_t state = at % states;
        const std::size_t l = at / states / columns;
        const std::size_t r = at / states % columns;
        if (l == left.size() && r == right.size()) {
            return true;
        }
        const bool left_name = l < left.size() && left[l] == -1;
        const bool right_name = r < right.size() && right[r] == -1;
        const auto value_byte = [](int symbol) { return symbol >= 0 && is_value_byte(static_cast<char>(symbol)); };
        if (left_name && right_name) {
            visit(l + 1, r + 1, closed);
            visit(l + 1, r, right_open);
            visit(l, r + 1, left_open);
            continue;
        }
        if (left_name) {
            if (state == left_open) {
                visit(l + 1, r, closed);
            }
            if (r < right.size() && value_byte(right[r])) {
                visit(l, r + 1, left_open);
                visit(l + 1, r + 1, closed);
            }
            continue;
        }
        if (right_name) {
            if (state == right_open) {
                visit(l, r + 1, closed);
            }
            if (l < left.size() && value_byte(left[l])) {
                visit(l + 1, r, right_open);
                visit(l + 1, r + 1, closed);
            }
            continue;
        }
        if (l < left.size() && r < right.size() && left[l] == right[r]) {
            visit(l + 1, r + 1, closed);
        }
    }
    return false;
}

} // namespace

issuer_pattern::issuer_pattern(std::string literal) : text_(literal), pieces_{std::move(literal)} {}

std::expected<issuer_pattern, std::string> issuer_pattern::parse(std::string_view written) {
    if (written.contains('*')) {
        return std::unexpected(std::string("has a `*`, which stands for nothing here; a template is written "
                                           "https://login.example.com/{tid}/v2.0"));
    }
    issuer_pattern made;
    made.text_ = written;
    made.pieces_.clear();
    std::string_view rest = written;
    while (true) {
        const std::size_t open = rest.find_first_of("{}");
        made.pieces_.emplace_back(rest.substr(0, open));
        if (open == std::string_view::npos) {
            return made;
        }
        const std::size_t close = rest.find_first_of("{}", open + 1);
        if (rest[open] == '}' || close == std::string_view::npos || rest[close] == '{' || close == open + 1) {
            return std::unexpected(std::string("has braces that don't hold a claim's name; a template is written "
                                               "https://login.example.com/{tid}/v2.0"));
        }
        if (!made.names_.empty() && made.pieces_.back().empty()) {
            return std::unexpected(std::string("has two names side by side, so that nobody could tell where one ends"));
        }
        made.names_.emplace_back(rest.substr(open + 1, close - open - 1));
        if (made.names_.back() == "iss") {
            return std::unexpected(
                std::string("has {iss} in it, which is the issuer itself: any would fit; name another claim, such as {tid}"));
        }
        rest.remove_prefix(close + 1);
    }
}

std::string issuer_pattern::sample() const {
    std::string made = pieces_.front();
    for (std::size_t i = 1; i < pieces_.size(); ++i) {
        made.append("x").append(pieces_[i]);
    }
    return made;
}

bool issuer_pattern::fits(std::string_view issuer) const noexcept {
    if (!is_template()) {
        return issuer == text_;
    }
    if (!issuer.starts_with(pieces_.front())) {
        return false;
    }
    issuer.remove_prefix(pieces_.front().size());
    // Each name begins where `issuer` does, and takes a byte at least. No step goes back:
    // the first place where a piece can stand is as good as any later one.
    for (std::size_t i = 1; i + 1 < pieces_.size(); ++i) {
        const std::size_t at = place_after_name(issuer, pieces_[i]);
        if (at == std::string_view::npos) {
            return false;
        }
        issuer.remove_prefix(at + pieces_[i].size());
    }
    const std::string_view last = pieces_.back();
    return issuer.ends_with(last) && is_value(issuer.substr(0, issuer.size() - last.size()));
}

bool issuer_pattern::matches(std::string_view issuer, const boost::json::object& claims) const {
    return is_template() ? fill(claims) == issuer : issuer == text_;
}

std::optional<std::string> issuer_pattern::fill(const boost::json::object& claims) const {
    std::string expected = pieces_.front();
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const boost::json::value* claim = claims.if_contains(names_[i]);
        const boost::json::string* value = claim != nullptr ? claim->if_string() : nullptr;
        if (value == nullptr || !is_value(std::string_view(*value))) {
            return std::nullopt;
        }
        expected.append(value->data(), value->size()).append(pieces_[i + 1]);
    }
    return expected;
}

bool issuer_pattern::overlap(const issuer_pattern& left, const issuer_pattern& right) {
    return can_be_equal(symbols_of(left.pieces_), symbols_of(right.pieces_));
}

} // namespace bearward::policies::tokens
