#include "proxy/providers/key_fetch.hpp"

#include "config/secret.hpp"
#include "policies/jose/key_set.hpp"
#include "policies/tokens/discovery.hpp"
#include "proxy/providers/cache_control.hpp"
#include "proxy/providers/http_client.hpp"

#include <algorithm>
#include <utility>

namespace bearward::proxy::providers {
namespace {

using clock = std::chrono::steady_clock;

std::expected<http_request, std::string> make_request(const config::key_source_settings& source, const config::url& to) {
    http_request made{.to = to, .fields = {{"Accept", "application/json, application/jwk-set+json"}}};
    if (source.how.authorization.value.given) {
        if (is_insecure(to)) {
            return std::unexpected(to.text + ": jwks.authorization is not sent over http:// to another host");
        }
        auto secret = config::read_again(source.how.authorization.value);
        if (!secret) {
            return std::unexpected("jwks.authorization: " + secret.error());
        }
        const bool sendable = std::ranges::all_of(*secret, [](char byte) { return byte > 0x20 && byte < 0x7F; });
        if (!sendable) {
            return std::unexpected(std::string("jwks.authorization: the secret is not one word of printable ASCII"));
        }
        made.fields.emplace_back("Authorization", "Bearer " + *secret);
    }
    return made;
}

std::expected<http_answer, std::string> check_answer(std::expected<http_answer, std::string>&& answer, const config::url& from) {
    if (!answer) {
        return std::unexpected(from.text + ": " + answer.error());
    }
    if (answer->status >= 300 && answer->status < 400) {
        return std::unexpected(from.text + ": answered " + std::to_string(answer->status) +
                               "; redirects are not followed: use the URL itself");
    }
    if (answer->status != 200) {
        return std::unexpected(from.text + ": answered " + std::to_string(answer->status));
    }
    return std::move(answer);
}

/// Where a discovery document says that the set is.
std::expected<config::url, std::string> find_keys(const config::key_source_settings& source, std::string_view document) {
    const auto where = policies::tokens::parse_discovery(document, source.issuers);
    if (!where) {
        return std::unexpected(source.from.text + ": " + where.error());
    }
    auto keys = config::parse_url(*where);
    if (!keys) {
        return std::unexpected(source.from.text + ": its jwks_uri: " + keys.error());
    }
    if (is_insecure(*keys) && !is_insecure(source.from)) {
        return std::unexpected(source.from.text + ": its jwks_uri is http:// on another host, where anybody between can answer");
    }
    return *std::move(keys);
}

} // namespace

std::expected<policies::tokens::key_set_ptr, std::string> read_keys(const config::key_source_settings& source, std::string_view text) {
    const policies::jose::key_options options{
        .algorithms = source.algorithms, .allow_weak_keys = source.allow_weak_keys, .allow_symmetric = false};
    auto set = policies::jose::parse_jwk_set(text, options);
    if (!set) {
        return std::unexpected(std::move(set).error());
    }
    return std::make_shared<const policies::jose::key_set>(*std::move(set));
}

awaitable<std::expected<fetched_keys, std::string>> fetch_keys(upstream::connect_context with, const config::key_source_settings& source,
                                                               std::shared_ptr<const tls::client_context> secure) {
    const auto end = clock::now() + source.how.timeout;
    config::url from = source.from;
    for (bool at_document = source.discovery;; at_document = false) {
        auto request = make_request(source, from);
        if (!request) {
            co_return std::unexpected(std::move(request).error());
        }
        const auto left = std::max(std::chrono::ceil<std::chrono::milliseconds>(end - clock::now()), std::chrono::milliseconds{1});
        auto answered = co_await send_request(with, *std::move(request), from.secure ? secure : nullptr, {left, longest_key_document});
        auto answer = check_answer(std::move(answered), from);
        if (!answer) {
            co_return std::unexpected(std::move(answer).error());
        }
        if (!at_document) {
            auto keys = read_keys(source, answer->body);
            if (!keys) {
                co_return std::unexpected(from.text + ": " + keys.error());
            }
            co_return fetched_keys{*std::move(keys), std::move(answer->body), freshness(answer->cache_control, answer->age)};
        }
        auto next = find_keys(source, answer->body);
        if (!next) {
            co_return std::unexpected(std::move(next).error());
        }
        from = *std::move(next);
    }
}

} // namespace bearward::proxy::providers
