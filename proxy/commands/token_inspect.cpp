#include "proxy/commands/token_inspect.hpp"

#include "policies/date_text.hpp"
#include "policies/explanation.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/jose/jws.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/outside.hpp"
#include "policies/tokens/claims.hpp"
#include "proxy/commands/commands.hpp"
#include "proxy/commands/input.hpp"
#include "proxy/commands/json_text.hpp"
#include "proxy/commands/steps_text.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <vector>

namespace bearward::proxy::commands {
namespace {

namespace json = boost::json;
using policies::reason;

std::expected<json::object, std::string> read_part(std::string_view part, const std::string& name) {
    const auto text = policies::jose::decode_base64url(part);
    if (!text) {
        return std::unexpected("its " + name + " is not base64url");
    }
    auto object = policies::jose::parse_json_object(*text);
    if (!object) {
        return std::unexpected("its " + name + " is not one JSON object in UTF-8 without duplicate names");
    }
    return std::move(*object);
}

/// The two largest units: "1d 2h", "5m 10s", "0s".
std::string describe_length(std::chrono::seconds length) {
    struct unit {
        std::int64_t seconds;
        const char* name;
    };
    std::string out;
    std::int64_t rest = length.count();
    int shown = 0;
    for (const unit each : {unit{86'400, "d"}, unit{3'600, "h"}, unit{60, "m"}, unit{1, "s"}}) {
        if (rest >= each.seconds && shown < 2) {
            out.append(out.empty() ? "" : " ").append(std::to_string(rest / each.seconds)).append(each.name);
            rest %= each.seconds;
            ++shown;
        }
    }
    return out.empty() ? "0s" : out;
}

std::vector<const policies::provider*> choose_providers(const policies::snapshot& rules, std::string_view token) {
    const auto issuer = policies::tokens::peek_issuer(token);
    std::vector<const policies::provider*> named;
    std::vector<const policies::provider*> open;
    for (const policies::provider& each : rules.providers) {
        if (each.names.api_key || takes_certificates(each)) {
            continue;
        }
        if (each.rules.issuers.empty()) {
            open.push_back(&each);
        } else if (issuer && fit_issuer(each.rules, *issuer) != policies::tokens::issuer_fit::none) {
            named.push_back(&each);
        }
    }
    return named.empty() ? open : named;
}

reason judge(const policies::provider& by, std::string_view token, policies::time_point now, policies::explanation& told) {
    policies::direct_outside around(now, &told);
    auto verified = around.verify(by, token);
    if (!verified) {
        const auto* const refused = std::get_if<policies::refusal>(&verified.error());
        return refused == nullptr ? refuse_unmet(std::get<policies::need>(verified.error())).why : refused->why;
    }
    return policies::tokens::judge_token(by.rules, **verified, now, around.find_revocation(by, **verified), &told);
}

int judge_by_configuration(const std::string& file, std::string_view token, policies::time_point now) {
    const auto configuration = load_or_complain(file);
    if (!configuration) {
        return 1;
    }
    const inspection judged = judge_by_providers(*configuration->rules, token, now);
    std::cout << '\n' << judged.text << std::flush;
    return judged.accepted && std::cout ? 0 : 1;
}

} // namespace

std::expected<json::object, std::string> read_unverified(std::string_view token) {
    const auto parts = policies::jose::split_jws(token);
    if (!parts) {
        const bool encrypted = std::ranges::count(token, '.') == 4;
        return std::unexpected(encrypted ? "it is encrypted (JWE): five parts" : "it is not three parts with dots between them");
    }
    auto header = read_part(parts->header, "header");
    if (!header) {
        return header;
    }
    auto claims = read_part(parts->payload, "payload");
    if (!claims) {
        return claims;
    }
    return json::object{{"header", std::move(*header)}, {"claims", std::move(*claims)}};
}

std::string describe_dates(const json::object& claims, policies::time_point now) {
    std::string out;
    for (const std::string_view name : {"iat", "nbf", "exp"}) {
        const auto date = policies::tokens::read_date(claims, name);
        if (!date) {
            out.append(name).append(": not a date\n");
        } else if (*date) {
            const bool past = **date <= now;
            const auto length = std::chrono::floor<std::chrono::seconds>(past ? now - **date : **date - now);
            out.append(name).append(": ").append(policies::to_rfc3339(**date)).append(past ? ", " : ", in ");
            out.append(describe_length(length)).append(past ? " ago\n" : "\n");
        }
    }
    return out;
}

inspection judge_by_providers(const policies::snapshot& rules, std::string_view token, policies::time_point now) {
    inspection judged;
    const auto providers = choose_providers(rules, token);
    if (providers.empty()) {
        judged.text = "No provider is for the token's issuer.\n";
    }
    for (const policies::provider* by : providers) {
        policies::explanation told;
        const reason verdict = judge(*by, token, now, told);
        judged.accepted = judged.accepted || verdict == reason::ok;
        judged.text.append(judged.text.empty() ? "" : "\n").append("provider ").append(by->rules.provider).append("\n");
        judged.text += to_lines(told.steps());
        judged.text += verdict == reason::ok ? "accepted\n" : "refused: " + std::string(to_string(verdict)) + '\n';
    }
    return judged;
}

int inspect_token(const inspect_options& options) {
    const auto token = read_token(options.token.value_or("-"));
    const auto unverified = token ? read_unverified(*token) : std::unexpected(token.error());
    if (!unverified) {
        std::cerr << "bearward token inspect: this is no token that can be read: " << unverified.error() << '\n';
        return 1;
    }
    std::string text;
    append_pretty_json(text, *unverified);
    std::cout << text << '\n' << std::flush;
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    std::cerr << describe_dates(unverified->at("claims").as_object(), now);
    if (options.configuration) {
        return judge_by_configuration(*options.configuration, *token, now);
    }
    std::cerr << "not verified: -c FILE checks it against a configuration\n";
    return std::cout ? 0 : 1;
}

} // namespace bearward::proxy::commands
