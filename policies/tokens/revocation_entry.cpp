#include "policies/tokens/revocation_entry.hpp"

#include "policies/ascii.hpp"
#include "policies/requests/escapes.hpp"
#include "policies/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

namespace bearward::policies::tokens {
namespace {

constexpr std::string_view white = " \t\r";
constexpr std::string_view provider_word = "provider:";
constexpr std::string_view before_word = "before:";
constexpr std::string_view issuer_word = "issuer:";
/// The end of the year 9999: what is later can't be told from a mistake.
constexpr std::int64_t last_second = 253'402'300'799;

/// Nothing for a `%` without two hex digits after it.
std::optional<std::string> decode(std::string_view written) {
    std::string decoded;
    for (std::size_t at = 0; at < written.size(); ++at) {
        if (written[at] != '%') {
            decoded += written[at];
            continue;
        }
        const auto byte = requests::escaped_byte(written, at);
        if (!byte) {
            return std::nullopt;
        }
        decoded += static_cast<char>(*byte);
        at += 2;
    }
    return decoded;
}

void append_encoded(std::string& out, std::string_view text) {
    const bool alone = text == "*"; // would read like a pattern
    for (const char byte : text) {
        if (alone || byte == '%' || byte == ' ' || is_control(static_cast<unsigned char>(byte))) {
            out += '%';
            append_hex(out, byte, upper_hex);
        } else {
            out += byte;
        }
    }
}

std::expected<std::string, std::string> parse_provider(std::string_view written) {
    auto name = decode(written);
    if (!name || name->empty()) {
        return std::unexpected(std::string("has no provider's name after provider:, percent-encoded where it holds blanks or %"));
    }
    return *std::move(name);
}

std::expected<std::string, std::string> parse_issuer(std::string_view written, revocation_kind of) {
    auto issuer = decode(written);
    if (!issuer || issuer->empty()) {
        return std::unexpected(std::string("has no issuer after issuer:, percent-encoded where it holds blanks or %"));
    }
    if (of == revocation_kind::jti || of == revocation_kind::user) {
        return std::unexpected(std::string("has issuer: behind what is no issuer's; it stands behind sid, sub and tenant alone"));
    }
    return *std::move(issuer);
}

std::expected<time_point, std::string> parse_before(std::string_view written) {
    const auto seconds = parse_decimal<std::int64_t>(written);
    if (!seconds || *seconds < 0 || *seconds > last_second) {
        return std::unexpected(std::string("has no time after before:; expected whole seconds since 1970"));
    }
    return time_point(std::chrono::seconds(*seconds));
}

} // namespace

std::string_view take_revocation_word(std::string_view& line) noexcept {
    line.remove_prefix(std::min(line.find_first_not_of(white), line.size()));
    if (line.starts_with('#')) {
        line = {};
    }
    const std::string_view word = line.substr(0, line.find_first_of(white));
    line.remove_prefix(word.size());
    return word;
}

std::string_view find_id_fault(std::string_view id) noexcept {
    if (std::ranges::any_of(id, [](char byte) { return is_control(static_cast<unsigned char>(byte)); })) {
        return "has a control character in its ID, as it stands or decoded";
    }
    return find_invalid_utf8(id) ? "has an ID that is not UTF-8, which no token can name" : "";
}

namespace {

std::expected<revocation_name, std::string> parse_name(std::string_view word, bool by_issuers) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) {
        return std::unexpected(std::string(revocation_name_forms));
    }
    const std::string_view written = word.substr(colon + 1);
    auto id = decode(written);
    if (!id) {
        return std::unexpected(std::string("has a % in its ID without two hex digits after it; write % itself as %25"));
    }
    if (id->empty()) {
        return std::unexpected(std::string("has no ID after the colon"));
    }
    if (written == "*") {
        return std::unexpected(std::string("is no pattern: `*` as an ID stands for nothing but itself, and is then written %2A"));
    }
    if (const auto fault = find_id_fault(*id); !fault.empty()) {
        return std::unexpected(std::string(fault));
    }
    const std::string_view named = word.substr(0, colon);
    const auto kind = by_issuers ? find_word(revocation_kinds, named) : find_named_kind(named);
    if (!kind) {
        return std::unexpected(std::string(revocation_name_forms));
    }
    return revocation_name{*kind, *std::move(id)};
}

} // namespace

std::expected<revocation_name, std::string> parse_revocation_name(std::string_view word) {
    return parse_name(word, false);
}

std::expected<revocation_entry, std::string> parse_revocation_member(std::string_view member) {
    auto name = parse_name(take_revocation_word(member), true);
    if (!name) {
        return std::unexpected(std::move(name).error());
    }
    revocation_entry made{.what = *std::move(name), .provider = {}};
    for (std::string_view word = take_revocation_word(member); !word.empty(); word = take_revocation_word(member)) {
        if (word.starts_with(provider_word) && made.provider.empty()) {
            auto provider = parse_provider(word.substr(provider_word.size()));
            if (!provider) {
                return std::unexpected(std::move(provider).error());
            }
            made.provider = *std::move(provider);
        } else if (word.starts_with(issuer_word) && made.issuer.empty()) {
            auto issuer = parse_issuer(word.substr(issuer_word.size()), made.what.kind);
            if (!issuer) {
                return std::unexpected(std::move(issuer).error());
            }
            made.issuer = *std::move(issuer);
        } else if (word.starts_with(before_word) && !made.before) {
            const auto before = parse_before(word.substr(before_word.size()));
            if (!before) {
                return std::unexpected(before.error());
            }
            made.before = *before;
        } else {
            return std::unexpected(
                std::string("goes on after its ID; expected provider:NAME, issuer:URL and before:EPOCH, each once at most"));
        }
    }
    return made;
}

std::string to_member(const revocation_entry& entry) {
    std::string text(to_string(entry.what.kind));
    text += ':';
    append_encoded(text, entry.what.id);
    if (!entry.provider.empty()) {
        text.append(" ").append(provider_word);
        append_encoded(text, entry.provider);
    }
    if (!entry.issuer.empty()) {
        text.append(" ").append(issuer_word);
        append_encoded(text, entry.issuer);
    }
    if (entry.before) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(*entry.before).time_since_epoch().count();
        text.append(" ").append(before_word).append(std::to_string(std::max<std::int64_t>(seconds, 0)));
    }
    return text;
}

std::optional<time_point> parse_revocation_score(std::string_view score) noexcept {
    if (score == "inf" || score == "+inf") {
        return time_point::max();
    }
    if (score == "-inf") {
        return time_point{};
    }
    double seconds = 0;
    const auto [end, error] = std::from_chars(score.data(), score.data() + score.size(), seconds);
    if (error != std::errc{} || end != score.data() + score.size() || std::isnan(seconds)) {
        return std::nullopt;
    }
    if (seconds > static_cast<double>(last_second)) {
        return time_point::max();
    }
    return time_point(std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(std::max(seconds, 0.0) * 1000))));
}

std::string to_score(time_point until) {
    if (until == time_point::max()) {
        return "+inf";
    }
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(until).time_since_epoch().count());
}

std::uint32_t to_seconds(time_point time) noexcept {
    const auto milliseconds = time.time_since_epoch().count();
    constexpr std::uint32_t last = std::numeric_limits<std::uint32_t>::max();
    if (milliseconds <= 0) {
        return 0;
    }
    return milliseconds > std::int64_t{last - 1} * 1000 ? last : static_cast<std::uint32_t>((milliseconds + 999) / 1000);
}

} // namespace bearward::policies::tokens
