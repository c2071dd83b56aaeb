#include "proxy/commands/token_mint.hpp"

#include "config/scalars.hpp"
#include "policies/jose/availability.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/jose/signature.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <system_error>
#include <utility>

namespace bearward::proxy::commands {
namespace {

namespace json = boost::json;
namespace jose = policies::jose;
using std::chrono::milliseconds;

constexpr milliseconds longest = std::chrono::years(100); // keeps exp far below 2^53 seconds
constexpr std::size_t most_key_bytes = std::size_t{1024} * 1024;

/// Any kind of file: keys come through pipes too.
std::expected<std::string, std::string> read_file(const std::string& path) {
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    std::string text;
    std::array<char, 4'096> block{};
    while (text.size() <= most_key_bytes && (in.read(block.data(), block.size()) || in.gcount() > 0)) {
        text.append(block.data(), static_cast<std::size_t>(in.gcount()));
    }
    if (!in.is_open() || in.bad()) {
        return std::unexpected("cannot read " + path + ": " + std::generic_category().message(errno != 0 ? errno : EIO));
    }
    if (text.size() > most_key_bytes) {
        return std::unexpected("cannot read " + path + ": it is larger than 1 MiB");
    }
    return text;
}

std::expected<jose::signing_key, std::string> secret_key(std::string_view secret) {
    if (secret.empty()) {
        return std::unexpected("the secret is empty");
    }
    return jose::signing_key::from_secret(secret);
}

std::expected<jose::signing_key, std::string> read_key(const mint_options& options) {
    const int sources = int{options.key_file.has_value()} + int{options.secret_file.has_value()} + int{options.secret.has_value()};
    if (sources != 1) {
        return std::unexpected("exactly one of --key, --secret-file and --secret is needed");
    }
    if (options.secret) {
        return secret_key(*options.secret);
    }
    const std::string& path = options.key_file ? *options.key_file : *options.secret_file;
    auto text = read_file(path);
    if (!text) {
        return std::unexpected(text.error());
    }
    if (options.secret_file) {
        std::string_view secret = *text;
        if (secret.ends_with('\n')) {
            secret.remove_suffix(1);
        }
        return secret_key(secret);
    }
    auto key = jose::signing_key::parse_pem(*text);
    if (!key) {
        return std::unexpected(path + ": " + key.error());
    }
    return key;
}

/// NumericDate (RFC 7519 section 2): whole seconds where they are.
json::value numeric_date(policies::time_point time) {
    const std::int64_t count = time.time_since_epoch().count();
    if (count % 1'000 == 0) {
        return count / 1'000;
    }
    return static_cast<double>(count) / 1'000.0;
}

std::string random_id() {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        return {};
    }
    return jose::encode_base64url(std::string(bytes.begin(), bytes.end()));
}

void set_text(json::object& claims, std::string_view name, const std::optional<std::string>& value) {
    if (value) {
        claims[name] = *value;
    }
}

json::object make_claims(const mint_options& options, policies::time_point now, milliseconds lifetime) {
    const auto issued = std::chrono::floor<std::chrono::seconds>(now);
    json::object claims;
    set_text(claims, "iss", options.issuer);
    set_text(claims, "sub", options.subject);
    set_text(claims, "tid", options.tenant);
    if (options.audiences.size() == 1) {
        claims["aud"] = options.audiences.front();
    } else if (!options.audiences.empty()) {
        claims["aud"] = json::array(options.audiences.begin(), options.audiences.end());
    }
    if (!options.roles.empty()) {
        claims["roles"] = json::array(options.roles.begin(), options.roles.end());
    }
    claims["iat"] = numeric_date(issued);
    claims["exp"] = numeric_date(issued + lifetime);
    if (const std::string id = random_id(); !id.empty()) {
        claims["jti"] = id;
    }
    for (const std::string& claim : options.claims) {
        const std::size_t equals = claim.find('=');
        const std::string value = claim.substr(equals + 1);
        boost::system::error_code not_json;
        json::value parsed = json::parse(value, not_json);
        claims[claim.substr(0, equals)] = not_json ? json::value(value) : std::move(parsed);
    }
    return claims;
}

std::string make_header(jose::algorithm algorithm, const std::optional<std::string>& key_id) {
    json::object header{{"alg", std::string(to_string(algorithm))}, {"typ", "JWT"}};
    set_text(header, "kid", key_id);
    return json::serialize(header);
}

} // namespace

std::optional<milliseconds> parse_lifetime(std::string_view text) noexcept {
    const bool negative = text.starts_with('-');
    const auto length = config::parse_duration(text.substr(negative ? 1 : 0));
    if (!length || *length > longest) {
        return std::nullopt;
    }
    return negative ? -*length : *length;
}

bool is_claim(std::string_view text) noexcept {
    const std::size_t equals = text.find('=');
    return equals != std::string_view::npos && equals != 0;
}

std::expected<std::string, std::string> make_token(const mint_options& options, policies::time_point now) {
    const auto algorithm = jose::parse_algorithm(options.algorithm);
    if (!algorithm) {
        return std::unexpected("--alg is not an algorithm that Bearward verifies, such as RS256, ES256, EdDSA or HS256");
    }
    if (!jose::is_available(*algorithm)) {
        return std::unexpected(jose::describe_lack(*algorithm));
    }
    const auto lifetime = parse_lifetime(options.lifetime);
    if (!lifetime) {
        return std::unexpected("--ttl is not a duration such as 30s, 15m, 1h or, for an expired token, -5m");
    }
    if (!std::ranges::all_of(options.claims, is_claim)) {
        return std::unexpected("--claim is not NAME=VALUE");
    }
    const auto key = read_key(options);
    if (!key) {
        return std::unexpected(key.error());
    }
    std::string token = jose::encode_base64url(make_header(*algorithm, options.key_id));
    token += '.';
    token += jose::encode_base64url(json::serialize(make_claims(options, now, *lifetime)));
    const auto signature = key->sign(*algorithm, token);
    if (!signature) {
        return std::unexpected(signature.error());
    }
    return token + '.' + jose::encode_base64url(*signature);
}

int mint_token(const mint_options& options) {
    const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    const auto token = make_token(options, now);
    if (!token) {
        std::cerr << "bearward token mint: " << token.error() << '\n';
        return 1;
    }
    std::cout << *token << '\n' << std::flush;
    return std::cout ? 0 : 1;
}

} // namespace bearward::proxy::commands
