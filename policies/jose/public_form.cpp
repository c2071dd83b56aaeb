#include "policies/jose/public_form.hpp"

#include "policies/ascii.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/jose/openssl_handles.hpp"
#include "policies/jose/strict_json.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <optional>

namespace bearward::policies::jose {
namespace {

constexpr std::string_view white = " \t\r\n";

/// SubjectPublicKeyInfo, a certificate, a private key or PKCS#1's RSAPublicKey.
bool is_der_key(std::string_view bytes) {
    constexpr std::size_t longest = std::size_t{64} * 1024;
    if (bytes.size() > longest || !bytes.starts_with('\x30')) {
        return false;
    }
    const auto size = static_cast<long>(bytes.size());
    const unsigned char* at = as_bytes(bytes);
    const pkey_ptr key(d2i_PUBKEY(nullptr, &at, size));
    at = as_bytes(bytes);
    const certificate_ptr certificate(key ? nullptr : d2i_X509(nullptr, &at, size));
    at = as_bytes(bytes);
    const pkey_ptr private_key(key || certificate ? nullptr : d2i_AutoPrivateKey(nullptr, &at, size));
    at = as_bytes(bytes);
    const pkey_ptr rsa(key || certificate || private_key ? nullptr : d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
    ERR_clear_error();
    return key || certificate || private_key || rsa;
}

/// A line of authorized_keys, or the bytes in its middle (RFC 4253 section 6.6).
bool is_ssh_key(std::string_view secret) {
    constexpr std::size_t length = 4;
    constexpr std::array<std::string_view, 5> words{"ssh-rsa", "ssh-ed25519", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"};
    const bool binary = secret.starts_with(std::string_view("\0\0\0", 3));
    return std::ranges::any_of(words, [&](std::string_view word) {
        const std::string_view begun = binary ? secret.substr(std::min(length, secret.size())) : secret;
        const bool whole_word = binary || word.ends_with('-') || begun.substr(std::min(word.size(), begun.size())).starts_with(' ');
        return begun.starts_with(word) && whole_word;
    });
}

/// Whether a member `kty` is written anywhere: in a set, in other JSON, in text that is
/// no sound JSON, with its quotes escaped.
bool names_key_type(std::string_view secret) {
    constexpr std::string_view name = "kty";
    for (std::size_t at = secret.find(name); at != std::string_view::npos; at = secret.find(name, at + 1)) {
        const char before = at == 0 ? ' ' : secret[at - 1];
        const std::size_t next = secret.find_first_not_of(" \t\r\n\"'\\", at + name.size());
        if (std::string_view(" \t\r\n\"'{,").contains(before) && next != std::string_view::npos && secret[next] == ':') {
            return true;
        }
    }
    return false;
}

bool is_jwk(std::string_view secret) {
    if (names_key_type(secret)) {
        return true;
    }
    const auto object = secret.starts_with('{') ? parse_json_object(secret) : std::nullopt;
    return object && (object->contains("kty") || object->contains("keys"));
}

/// Without white space, quotes and line ends that are written `\n`.
std::string bare(std::string_view text) {
    std::string made;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == 'n' || text[at + 1] == 'r')) {
            ++at;
        } else if (!white.contains(text[at]) && text[at] != '"' && text[at] != '\'') {
            made += text[at];
        }
    }
    return made;
}

/// Of either alphabet, with any padding.
std::optional<std::string> decode_padded_base64(std::string_view text) {
    return decode_any_base64(text.substr(0, text.find_last_not_of('=') + 1));
}

/// Maybe with 0x before it, or colons between the bytes.
std::optional<std::string> decode_written_hex(std::string text) {
    std::erase(text, ':');
    const std::string_view digits = text;
    return decode_hex(digits.substr(digits.starts_with("0x") || digits.starts_with("0X") ? 2 : 0));
}

std::string form_of(std::string_view secret, int encodings) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    constexpr std::size_t longest = std::size_t{1024} * 1024;
    if (is_der_key(secret)) {
        return "a DER key";
    }
    std::string_view text = secret;
    text.remove_prefix(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
    text.remove_prefix(std::min(text.find_first_not_of(white), text.size()));
    if (text.contains("-----BEGIN") || text.contains("---- BEGIN")) {
        return "a PEM key";
    }
    if (is_ssh_key(text)) {
        return "an SSH key";
    }
    if (is_jwk(text)) {
        return "a JWK";
    }
    if (encodings == 0 || text.empty() || text.size() > longest) {
        return {};
    }
    const std::string written = bare(text);
    for (const auto& [decoded, suffix] :
         {std::pair(decode_written_hex(written), " in hex"), std::pair(decode_padded_base64(written), " in base64")}) {
        if (std::string form = decoded ? form_of(*decoded, encodings - 1) : std::string{}; !form.empty()) {
            return form + suffix;
        }
    }
    return {};
}

} // namespace

std::string public_form(std::string_view secret) {
    constexpr int encodings_of_encodings = 2; // a PEM file in base64 that was put into base64 once more
    return form_of(secret, encodings_of_encodings);
}

} // namespace bearward::policies::jose
