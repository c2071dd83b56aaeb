// Whatever an introspection endpoint answers: no crash, nobody comes in without `active: true`
// in one sound object for the audience, and a form says exactly the token.
#include "policies/jose/strict_json.hpp"
#include "policies/tokens/introspection.hpp"
#include "policies/tokens/token_verifier.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace tokens = bearward::policies::tokens;
using bearward::policies::reason;
using bearward::policies::time_point;

namespace {

void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}

tokens::verification_rules make_rules() {
    tokens::verification_rules rules;
    rules.provider = "fuzz";
    rules.audiences = {"audience"};
    rules.require_expiry = false;
    return rules;
}

void check_answer(std::string_view body) {
    static const tokens::verification_rules rules = make_rules();
    const auto read = tokens::read_introspection(rules, body);
    const auto object = bearward::policies::jose::parse_json_object(body);
    if (!read) {
        const auto* const active = object ? object->if_contains("active") : nullptr;
        must(active == nullptr || !active->is_bool() || body.size() > tokens::longest_introspection);
        return;
    }
    must(object.has_value());
    const bool active = object->at("active").as_bool();
    if (!*read) {
        must((*read).error().why == (active ? reason::token_malformed : reason::token_inactive));
        return;
    }
    must(active);
    const tokens::verified_token& token = ***read;
    constexpr time_point now{std::chrono::seconds{1'700'000'000}};
    if (tokens::judge_token(rules, token, now, std::nullopt) == reason::ok) {
        must(!token.bound_to.present && object->contains("aud") && (!object->contains("cnf") || object->at("cnf").is_null()));
        must(!token.expires || *token.expires + rules.clock_skew > now);
    }
}

void check_form(std::string_view token) {
    const std::string form = tokens::make_introspection_form(token);
    must(form.starts_with("token=") && std::ranges::count(form, '&') == 1 && std::ranges::count(form, '=') == 2);
    std::string decoded;
    const std::string_view value = std::string_view(form).substr(6, form.find('&') - 6);
    for (std::size_t at = 0; at < value.size(); ++at) {
        if (value[at] == '%') {
            decoded += static_cast<char>(std::stoi(std::string(value.substr(at + 1, 2)), nullptr, 16));
            at += 2;
        } else {
            decoded += value[at] == '+' ? ' ' : value[at];
        }
    }
    must(decoded == token);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    check_answer(input);
    check_form(input);
    return 0;
}
