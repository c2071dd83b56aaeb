#include "policies/tokens/dpop_proof.hpp"

#include "policies/date_text.hpp"
#include "policies/jose/availability.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/jose/jws.hpp"
#include "policies/jose/public_jwk.hpp"
#include "policies/jose/sha256.hpp"
#include "policies/jose/signature.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/jose/thumbprint.hpp"
#include "policies/text.hpp"
#include "policies/tokens/claims.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;
using fault = std::optional<std::string>;

/// A member that must be there and text that isn't empty; nothing otherwise.
std::optional<std::string_view> text_member(const json::object& of, std::string_view name) {
    const json::value* const found = of.if_contains(name);
    const json::string* const text = found != nullptr ? found->if_string() : nullptr;
    return text != nullptr && !text->empty() ? std::optional(std::string_view(*text)) : std::nullopt;
}

std::string no_text(std::string_view name) {
    return std::string(name) + " is missing or no text";
}

/// The header's `jwk`; nothing: it has none that is an object. The header was read before.
std::optional<json::object> key_of(std::string_view proof) {
    const auto parts = jose::split_jws(proof);
    const auto text = parts ? jose::decode_base64url(parts->header) : std::nullopt;
    auto header = text ? jose::parse_json_object(*text) : std::nullopt;
    json::value* const found = header ? header->if_contains("jwk") : nullptr;
    return found != nullptr && found->is_object() ? std::optional(std::move(found->get_object())) : std::nullopt;
}

fault check_request(const json::object& claims, const proof_demand& demand) {
    const auto method = text_member(claims, "htm");
    if (!method) {
        return no_text("htm");
    }
    if (*method != demand.method) {
        return "htm is " + in_quotes(*method) + ", the method " + in_quotes(demand.method);
    }
    const auto uri = text_member(claims, "htu");
    if (!uri) {
        return no_text("htu");
    }
    if (!requests::is_uri_of(*uri, demand.target)) {
        return "htu is " + in_quotes(*uri) + "; the client's request is seen as " +
               in_quotes(std::string(demand.target.scheme).append("://").append(demand.target.authority).append(demand.target.path));
    }
    return std::nullopt;
}

fault check_token(const json::object& claims, const proof_demand& demand) {
    const auto hash = text_member(claims, "ath");
    if (!hash) {
        return no_text("ath");
    }
    return *hash == jose::encode_base64url(jose::sha256_text(demand.token)) ? std::nullopt : fault("ath is another token's");
}

fault check_date(const std::optional<time_point>& issued_at, const proof_demand& demand) {
    if (!issued_at) {
        return "iat is missing";
    }
    const auto leeway = proof_lifetime + demand.clock_skew;
    const auto age = demand.now - *issued_at;
    return age <= leeway && -age <= leeway
               ? std::nullopt
               : fault("iat is " + to_rfc3339(*issued_at) + ", now " + to_rfc3339(demand.now) + ": too far from each other");
}

} // namespace

std::span<const jose::algorithm> proof_algorithms() {
    static const std::vector<jose::algorithm> known = [] {
        std::vector<jose::algorithm> pairs;
        for (const jose::algorithm_row& each : jose::algorithm_table) {
            if (!jose::is_hmac(each.value) && jose::is_available(each.value)) {
                pairs.push_back(each.value);
            }
        }
        return pairs;
    }();
    return known;
}

const std::string& proof_algorithm_words() {
    static const std::string words = [] {
        std::string list;
        for (const jose::algorithm each : proof_algorithms()) {
            list.append(list.empty() ? "" : " ").append(to_string(each));
        }
        return list;
    }();
    return words;
}

std::expected<held_proof, std::string> check_dpop_proof(std::string_view proof, const proof_demand& demand) {
    if (proof.size() > demand.longest) {
        return std::unexpected(std::string("it is longer than limits.max_token"));
    }
    const auto parsed = jose::parse_jws(proof, proof_algorithms());
    if (!parsed) {
        return std::unexpected(parsed.error().cause);
    }
    if (parsed->type != "dpop+jwt") {
        return std::unexpected(std::string("its typ is not dpop+jwt"));
    }
    const auto jwk = key_of(proof);
    if (!jwk) {
        return std::unexpected(std::string("its header has no jwk"));
    }
    // Whose key it is comes first: work on the keys of strangers is theirs to choose.
    if (jose::jwk_thumbprint(*jwk) != demand.key) {
        return std::unexpected(std::string("its key is not the one of cnf.jkt"));
    }
    const auto claims = jose::parse_json_object(parsed->payload);
    if (!claims) {
        return std::unexpected(std::string("its payload is not one sound JSON object"));
    }
    const auto id = text_member(*claims, "jti");
    const auto issued_at = read_date(*claims, "iat");
    if (!id || !issued_at) {
        return std::unexpected(id ? "iat is no date" : no_text("jti"));
    }
    for (auto& wrong : {check_request(*claims, demand), check_token(*claims, demand), check_date(*issued_at, demand)}) {
        if (wrong) {
            return std::unexpected(*wrong);
        }
    }
    const auto key = jose::parse_public_jwk(*jwk, parsed->alg);
    if (!key) {
        return std::unexpected("its jwk: " + key.error());
    }
    if (!jose::verify_signature(*key, parsed->alg, parsed->signing_input, parsed->signature)) {
        return std::unexpected(std::string("its key did not sign it"));
    }
    return held_proof{.id = std::string(*id), .issued_at = **issued_at};
}

} // namespace bearward::policies::tokens
