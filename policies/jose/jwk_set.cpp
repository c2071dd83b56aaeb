#include "policies/jose/base64url.hpp"
#include "policies/jose/key_material.hpp"
#include "policies/jose/strict_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace bearward::policies::jose {
namespace {

namespace json = boost::json;

using text_or_error = std::expected<std::string, std::string>;

std::string quoted(std::string_view name) {
    return "'" + std::string(name) + "'";
}

/// A member that must be there and a string.
text_or_error text_member(const json::object& jwk, std::string_view name) {
    const json::value* found = jwk.if_contains(name);
    if (found == nullptr || !found->is_string()) {
        return std::unexpected("its member " + quoted(name) + " is missing or not a string");
    }
    return std::string(found->get_string());
}

/// A member that must be there and base64url.
text_or_error bytes_member(const json::object& jwk, std::string_view name) {
    const auto text = text_member(jwk, name);
    if (!text) {
        return text;
    }
    auto bytes = decode_base64url(*text);
    if (!bytes || bytes->empty()) {
        return std::unexpected("its member " + quoted(name) + " is not base64url");
    }
    return std::move(*bytes);
}

/// Empty, or why `use` or `key_ops` forbid verifying (RFC 7517 sections 4.2 and 4.3).
std::string usage_fault(const json::object& jwk) {
    if (const json::value* use = jwk.if_contains("use"); use != nullptr && *use != "sig") {
        return "its use is not sig";
    }
    const json::value* operations = jwk.if_contains("key_ops");
    if (operations == nullptr) {
        return {};
    }
    const json::array* list = operations->if_array();
    if (list == nullptr || std::ranges::find(*list, json::value("verify")) == list->end()) {
        return "its key_ops do not contain verify";
    }
    return {};
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
    for (const key_family family : {key_family::p256, key_family::p384, key_family::p521}) {
        if (*curve == curve_name(family)) {
            const auto x = bytes_member(jwk, "x");
            const auto y = bytes_member(jwk, "y");
            if (!x || !y) {
                return std::unexpected(x ? y.error() : x.error());
            }
            return make_ec_material(family, *x, *y);
        }
    }
    return std::unexpected(std::string("its curve is none of P-256, P-384, P-521"));
}

material_or_error read_okp(const json::object& jwk) {
    const auto curve = text_member(jwk, "crv");
    if (!curve || *curve != "Ed25519") {
        return std::unexpected(std::string("its curve is not Ed25519"));
    }
    const auto bytes = bytes_member(jwk, "x");
    return bytes ? make_ed25519_material(*bytes) : std::unexpected(bytes.error());
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
    if (*type == "oct") {
        return read_oct(jwk, options);
    }
    return std::unexpected(std::string("its kty is none of RSA, EC, OKP, oct"));
}

std::expected<key, std::string> read_key(const json::object& jwk, const key_options& options) {
    if (std::string fault = usage_fault(jwk); !fault.empty()) {
        return std::unexpected(std::move(fault));
    }
    std::string id;
    if (jwk.contains("kid")) {
        auto text = text_member(jwk, "kid");
        if (!text) {
            return std::unexpected(std::string("its kid is not a string"));
        }
        id = std::move(*text);
    }
    std::optional<algorithm> only;
    if (jwk.contains("alg")) {
        const auto word = text_member(jwk, "alg");
        only = word ? parse_algorithm(*word) : std::nullopt;
        if (!only) {
            return std::unexpected(std::string("its alg is not a signature algorithm that is verified here"));
        }
    }
    auto material = read_material(jwk, options);
    if (!material) {
        return std::unexpected(std::move(material).error());
    }
    auto allowed = allowed_algorithms(**material, options, only);
    if (!allowed) {
        return std::unexpected(std::move(allowed).error());
    }
    return key(std::move(*material), std::move(*allowed), std::move(id));
}

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
    auto read = jwk != nullptr ? read_key(*jwk, options) : std::unexpected(std::string("it is not an object"));
    if (!read) {
        set.warnings.push_back(name_of(entry, index) + " is skipped: " + read.error());
        return;
    }
    if (read->opaque().family != key_family::secret && jwk->contains("d")) {
        set.warnings.push_back(name_of(entry, index) + " holds its private part, which does not belong here; only the public one is used");
    }
    set.keys.push_back(std::move(*read));
}

} // namespace

std::expected<key_set, std::string> parse_jwk_set(std::string_view json_text, const key_options& options) {
    const auto document = parse_json_object(json_text);
    if (!document) {
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
    } else {
        return std::unexpected(std::string("not a JWK Set: it has no 'keys'"));
    }
    if (set.keys.empty()) {
        std::string message = "the JWK Set has no usable key";
        for (const std::string& warning : set.warnings) {
            message += "; " + warning;
        }
        return std::unexpected(std::move(message));
    }
    return set;
}

} // namespace bearward::policies::jose
