#include "policies/tokens/claim_comparison.hpp"

#include "policies/glob.hpp"
#include "policies/tokens/claims.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

/// Equality as JSON numbers have it: 1 and 1.0 are the same.
bool equal_numbers(const json::value& claim, const json::value& wanted) noexcept {
    if (claim.is_double() != wanted.is_double()) {
        const json::value& whole = claim.is_double() ? wanted : claim;
        const double fraction = claim.is_double() ? claim.get_double() : wanted.get_double();
        constexpr double exact = 9007199254740992.0; // 2^53: integers up to here are exact in a double
        if (!(fraction >= -exact && fraction <= exact)) {
            return false;
        }
        const auto integer = static_cast<std::int64_t>(fraction);
        return static_cast<double>(integer) == fraction && whole == json::value(integer);
    }
    return claim == wanted;
}

/// The text of a claim, in `digits` where it is an integer; nothing for other types.
std::optional<std::string_view> view_text(const json::value& claim, std::array<char, 24>& digits) noexcept {
    if (claim.is_string()) {
        return std::string_view(claim.get_string());
    }
    std::to_chars_result written{};
    if (claim.is_int64()) {
        written = std::to_chars(digits.data(), digits.data() + digits.size(), claim.get_int64());
    } else if (claim.is_uint64()) {
        written = std::to_chars(digits.data(), digits.data() + digits.size(), claim.get_uint64());
    } else {
        return std::nullopt;
    }
    return std::string_view(digits.data(), static_cast<std::size_t>(written.ptr - digits.data()));
}

/// Whether a text that `accepts` takes is the claim's. A fraction or a boolean can't be
/// compared with text: nobody can tell how its issuer would write it.
template <class Accepts>
truth compare_text(const json::value& claim, const Accepts& accepts) {
    std::array<char, 24> digits{};
    const auto text = view_text(claim, digits);
    return text ? to_truth(accepts(*text)) : truth::unknown;
}

truth compare_value(const json::value& claim, const json::value& wanted) {
    if (wanted.is_string()) {
        return compare_text(claim, [&](std::string_view text) { return text == std::string_view(wanted.get_string()); });
    }
    if (claim.is_number() && wanted.is_number()) {
        return to_truth(equal_numbers(claim, wanted));
    }
    return claim.kind() == wanted.kind() ? to_truth(claim == wanted) : truth::unknown;
}

/// What `judge` says of the claim, or of the element of it that fits best.
template <class Judge>
truth compare(const json::value* claim, const Judge& judge) {
    if (claim == nullptr || is_empty_claim(*claim)) {
        return truth::no;
    }
    const auto judge_scalar = [&](const json::value& each) {
        return each.is_object() || each.is_array() ? truth::unknown : is_empty_claim(each) ? truth::no : judge(each);
    };
    const json::array* const elements = claim->if_array();
    if (elements == nullptr) {
        return judge_scalar(*claim);
    }
    truth best = truth::no;
    for (const json::value& each : *elements) {
        best = std::max(best, judge_scalar(each));
    }
    return best;
}

} // namespace

truth compare_claim(const json::value* claim, const accepted_claims& accepted) {
    if (accepted.present_only) {
        return to_truth(claim != nullptr && !is_empty_claim(*claim));
    }
    return compare(claim, [&](const json::value& each) {
        truth best = truth::no;
        if (accepted.pattern) {
            best = compare_text(each, [&](std::string_view text) { return matches_glob(*accepted.pattern, text); });
        }
        for (const json::value& wanted : accepted.values) {
            best = std::max(best, compare_value(each, wanted));
        }
        return best;
    });
}

truth compare_claim(const json::value* claim, std::string_view text) {
    return compare(claim, [&](const json::value& each) {
        return compare_text(each, [&](std::string_view found) { return !text.empty() && found == text; });
    });
}

} // namespace bearward::policies::tokens
