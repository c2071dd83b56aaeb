#include "policies/jose/availability.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/jose/key_material.hpp"
#include "policies/jose/strict_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace bearward::policies::jose {
namespace {

namespace json = boost::json;

using text_or_error = std::expected<std::string, std::string>;

std::string quoted(std::string_view name) {
    return "'" + std::string(name) + "'";
}

/// The member; null when it is absent, which `null` says too.
const json::value* member(const json::object& jwk, std::string_view name) {
    const json::value* found = jwk.if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

/// A member that must be there and a string.
text_or_error text_member(const json::object& jwk, std::string_view name) {
    const json::value* found = member(jwk, name);
    if (found == nullptr || !found->is_string()) {
        return std::unexpected("its member " + quoted(name) + " is missing or not a string");
    }
    return std::string(found->get_string());
}

/// A member that must be there and base64url, maybe padded.
text_or_error bytes_member(const json::object& jwk, std::string_view name) {
    const auto text = text_member(jwk, name);
    if (!text) {
        return text;
    }
    // The issuer is trusted, and padding has one meaning only.
    auto bytes = decode_base64url(std::string_view(*text).substr(0, text->find_last_not_of('=') + 1));
    if (!bytes || bytes->empty()) {
        return std::unexpected("its member " + quoted(name) + " is not base64url");
    }
    return std::move(*bytes);
}

/// Nothing, or why `use` or `key_ops` forbid verifying (RFC 7517 sections 4.2 and
/// 4.3; `jwt-svid`: the SPIFFE JWT-SVID specification, section 4).
std::optional<key_fault> usage_fault(const json::object& jwk) {
    if (const json::value* use = member(jwk, "use"); use != nullptr && *use != "sig" && *use != "jwt-svid") {
        return key_fault{.what = "its use is not sig", .other_use = use->is_string()};
    }
    const json::value* operations = member(jwk, "key_ops");
    if (operations == nullptr) {
        return std::nullopt;
    }
    const json::array* list = operations->if_array();
    if (list == nullptr || (!list->empty() && std::ranges::find(*list, json::value("verify")) == list->end())) {
        return key_fault{.what = "its key_ops do not contain verify", .other_use = list != nullptr};
    }
    return std::nullopt;
}

/// Whether the key is of a type or curve that is for others: key agreement, or signatures
/// that aren't verified here (RFC 8037, RFC 8812, RFC 9964, and names that are common
/// without one). A misspelt curve isn't.
bool is_for_others(const json::object& jwk) {
    constexpr std::array<std::string_view, 13> curves{
        "X25519", "X448",   "secp256k1",       "P-256K",          "P-192",           "P-224", "BP-256",
        "BP-384", "BP-512", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1", "SM2"};
    const auto type = text_member(jwk, "kty");
    const auto curve = text_member(jwk, "crv");
    return type && ((*type == "EC" || *type == "OKP") && curve && std::ranges::find(curves, *curve) != curves.end());
}

material_or_error read_rsa(const json::object& jwk) {
    const auto modulus = bytes_member(jwk, "n");
    const auto exponent = bytes_member(jwk, "e");
    if (!modulus || !exponent) {
        return std::unexpected(modulus ? exponent.error() : modulus.error());
    }
    return make_rsa_material(*modulus, *exponent);
}

material_or_error read_ec(const json::object& jwk) {
    const auto curve = text_member(jwk, "crv");
    if (!curve) {
        return std::unexpected(curve.error());
    }
    for (const key_family_row& family : key_family_table) {
        if (family.coordinate != 0 && *curve == family.curve) {
            const auto x = bytes_member(jwk, "x");
            const auto y = bytes_member(jwk, "y");
            if (!x || !y) {
                return std::unexpected(x ? y.error() : x.error());
            }
            return make_ec_material(family.value, *x, *y);
        }
    }
    return std::unexpected(std::string("its curve is none of P-256, P-384, P-521"));
}

material_or_error read_okp(const json::object& jwk) {
    const auto curve = text_member(jwk, "crv");
    for (const key_family_row& family : key_family_table) {
        if (curve && family.raw != 0 && *curve == family.curve) {
            const auto bytes = bytes_member(jwk, "x");
            return bytes ? make_raw_material(family.value, *bytes) : std::unexpected(bytes.error());
        }
    }
    return std::unexpected(std::string("its curve is neither Ed25519 nor Ed448"));
}

/// RFC 9964 section 3. Its alg, which it must have, was read before.
material_or_error read_akp(const json::object& jwk) {
    const auto alg = text_member(jwk, "alg");
    if (!alg) {
        return std::unexpected(alg.error());
    }
    for (const key_family_row& family : key_family_table) {
        if (std::string_view(family.type) == "AKP" && *alg == family.openssl) {
            const auto bytes = bytes_member(jwk, family.public_key);
            return bytes ? make_raw_material(family.value, *bytes) : std::unexpected(bytes.error());
        }
    }
    return std::unexpected(std::string("its alg is none of ML-DSA-44, ML-DSA-65, ML-DSA-87"));
}

material_or_error read_oct(const json::object& jwk, const key_options& options) {
    if (!options.allow_symmetric) {
        return std::unexpected(std::string("symmetric keys are not accepted from here"));
    }
    const auto bytes = bytes_member(jwk, "k");
    return bytes ? make_secret_material(*bytes) : std::unexpected(bytes.error());
}

material_or_error read_material(const json::object& jwk, const key_options& options) {
    const auto type = text_member(jwk, "kty");
    if (!type) {
        return std::unexpected(type.error());
    }
    if (*type == "RSA") {
        return read_rsa(jwk);
    }
    if (*type == "EC") {
        return read_ec(jwk);
    }
    if (*type == "OKP") {
        return read_okp(jwk);
    }
    if (*type == "AKP") {
        return read_akp(jwk);
    }
    if (*type == "oct") {
        return read_oct(jwk, options);
    }
    return std::unexpected(std::string("its kty is none of RSA, EC, OKP, AKP, oct"));
}

} // namespace

std::expected<key, key_fault> read_jwk(const json::object& jwk, const key_options& options) {
    if (auto fault = usage_fault(jwk)) {
        return std::unexpected(std::move(*fault));
    }
    std::string id;
    if (const json::value* kid = member(jwk, "kid"); kid != nullptr) {
        if (!kid->is_string()) {
            return std::unexpected(key_fault{.what = "its kid is not a string"});
        }
        id = kid->get_string();
    }
    std::optional<algorithm> only;
    if (const json::value* alg = member(jwk, "alg"); alg != nullptr) {
        only = alg->is_string() ? parse_algorithm(alg->get_string()) : std::nullopt;
        if (!only) {
            return std::unexpected(
                key_fault{.what = "its alg is not a signature algorithm that is verified here", .other_use = alg->is_string()});
        }
        if (!is_available(*only)) {
            return std::unexpected(key_fault{.what = "its alg " + describe_lack(*only), .other_use = true});
        }
    }
    auto material = read_material(jwk, options);
    if (!material) {
        return std::unexpected(key_fault{.what = std::move(material).error(), .other_use = is_for_others(jwk)});
    }
    auto allowed = allowed_algorithms(**material, options, only);
    if (!allowed) {
        return std::unexpected(std::move(allowed).error());
    }
    return key(std::move(*material), std::move(*allowed), std::move(id));
}

namespace {

/// How a message names a key: its place, and its kid where that is printable.
std::string name_of(const json::value& entry, std::size_t index) {
    std::string name = "key " + std::to_string(index + 1);
    const json::object* jwk = entry.if_object();
    const json::value* id = jwk != nullptr ? jwk->if_contains("kid") : nullptr;
    if (id != nullptr && id->is_string()) {
        const json::string& text = id->get_string();
        constexpr std::size_t longest = 64;
        if (text.size() <= longest && std::ranges::all_of(text, [](char byte) { return byte >= 0x20 && byte <= 0x7E; })) {
            name += " (kid " + quoted(text) + ")";
        }
    }
    return name;
}

void add_key(key_set& set, const json::value& entry, std::size_t index, const key_options& options) {
    const json::object* jwk = entry.if_object();
    auto read = jwk != nullptr ? read_jwk(*jwk, options) : std::unexpected(key_fault{.what = "it is not an object"});
    const std::string name = name_of(entry, index);
    if (!read) {
        const json::value* const kid = jwk == nullptr ? nullptr : jwk->if_contains("kid");
        set.skipped.push_back({kid != nullptr && kid->is_string() ? std::string(kid->get_string()) : std::string(), read.error().what});
        (read.error().other_use ? set.notes : set.warnings).push_back(name + " is skipped: " + read.error().what);
        return;
    }
    if (read->opaque().family != key_family::secret && (member(*jwk, "d") != nullptr || member(*jwk, "priv") != nullptr)) {
        set.private_parts.push_back(name + " holds its private part, which does not belong here; only the public one is used");
    }
    note_weakness(set, read->opaque(), read->algorithms(), name + ": ");
    set.keys.push_back(std::move(*read));
}

/// What somebody took for a key set; empty: nothing known.
std::string_view mistaken_for(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) {
        return "it is empty";
    }
    if (text[first] == '<') {
        return "it is HTML or XML, perhaps the page of a login or an error instead of the set";
    }
    return text.substr(first).starts_with("-----BEGIN") ? "it is PEM; keys.pem_file takes that" : "";
}

} // namespace

std::expected<key_set, std::string> parse_jwk_set(std::string_view json_text, const key_options& options) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (json_text.starts_with(byte_order_mark)) {
        json_text.remove_prefix(byte_order_mark.size());
    }
    const auto document = parse_json_object(json_text);
    if (!document) {
        if (const std::string_view other = mistaken_for(json_text); !other.empty()) {
            return std::unexpected("not a JWK Set: " + std::string(other));
        }
        return std::unexpected(std::string("not a JWK Set: not one JSON object in UTF-8 without duplicate names"));
    }
    key_set set;
    if (const json::value* keys = document->if_contains("keys"); keys != nullptr) {
        const json::array* list = keys->if_array();
        if (list == nullptr) {
            return std::unexpected(std::string("not a JWK Set: 'keys' is not an array"));
        }
        for (std::size_t index = 0; index < list->size(); ++index) {
            add_key(set, (*list)[index], index, options);
        }
    } else if (document->contains("kty")) {
        add_key(set, json::value(*document), 0, options);
    } else if (document->contains("jwks_uri")) {
        return std::unexpected(std::string("not a JWK Set: it is a discovery document; the set is at its jwks_uri"));
    } else {
        return std::unexpected(std::string("not a JWK Set: it has no 'keys'"));
    }
    if (set.keys.empty()) {
        std::string message = "the JWK Set has no usable key";
        for (const auto* lines : {&set.warnings, &set.notes}) {
            for (const std::string& line : *lines) {
                message += "; " + line;
            }
        }
        return std::unexpected(std::move(message));
    }
    return set;
}

} // namespace bearward::policies::jose
