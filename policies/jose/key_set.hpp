// Verification keys, loaded from a JWK Set (RFC 7517), PEM, or a secret. What a
// key may verify is fixed when it is loaded, so that a token never chooses how
// its key is used (RFC 8725 section 3.1).
#pragma once

#include "policies/jose/algorithm.hpp"

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::jose {

/// One verification key. Immutable, cheap to copy (shared OpenSSL handle), safe
/// to use from several threads.
class key {
public:
    struct material; // OpenSSL's part: key_material.hpp

    key(std::shared_ptr<const material> opaque, std::vector<algorithm> algorithms, std::string id);

    /// `kid`; empty when the key has none.
    [[nodiscard]] const std::string& id() const noexcept { return id_; }
    /// Whether a token with this `alg` may be verified with this key.
    [[nodiscard]] bool allows(algorithm value) const noexcept;
    [[nodiscard]] const std::vector<algorithm>& algorithms() const noexcept { return algorithms_; }
    [[nodiscard]] const material& opaque() const noexcept { return *material_; }

private:
    std::shared_ptr<const material> material_;
    std::vector<algorithm> algorithms_;
    std::string id_;
};

/// How the key of a token is chosen.
enum class key_selection : std::uint8_t {
    by_id,     ///< JWK Set: `kid` must equal a key's; without `kid`, or where no key has one, every fitting key, sixteen at most
    ignore_id, ///< pem_file and secret: `kid` is not looked at
};

/// A key of a set that is not used.
struct skipped_key {
    std::string id;     ///< `kid`; empty: it has none
    std::string reason; ///< a sentence

    friend bool operator==(const skipped_key&, const skipped_key&) = default;
};

struct key_set {
    std::vector<key> keys;
    std::vector<skipped_key> skipped;
    key_selection selection = key_selection::by_id;
    // One line for each key of which there is something to say, with the reason.
    std::vector<std::string> warnings;      ///< it can't be used
    std::vector<std::string> notes;         ///< it is for something else: encryption, an algorithm that isn't listed
    std::vector<std::string> private_parts; ///< it holds its private part
    std::vector<std::string> weak;          ///< it is too weak for one of its algorithms, and allowed all the same
};

/// Whether both verify the same tokens and leave out the same keys; order does not count. Of hundreds of
/// keys it does: false then costs a cache, and no more than one comparison a key is made.
[[nodiscard]] bool same_keys(const key_set& left, const key_set& right);

struct key_options {
    std::span<const algorithm> algorithms; ///< the provider's list; keys that fit none of it are skipped
    bool allow_weak_keys = false;          ///< HMAC secrets shorter than the hash, RSA under 2048 bits
    bool allow_symmetric = true;           ///< false for sets from URLs: `oct` keys are ignored
};

/// Reads a JWK Set (or one bare JWK). Keys that can't be used are skipped with a
/// warning; a set without one usable key is an error. Error: a sentence.
[[nodiscard]] std::expected<key_set, std::string> parse_jwk_set(std::string_view json, const key_options& options);

/// Reads one or more PEM public keys or X.509 certificates. Private keys are
/// refused. Error: a sentence.
[[nodiscard]] std::expected<key_set, std::string> parse_pem_keys(std::string_view pem, const key_options& options);

/// A shared secret for HS256/384/512. Error: a sentence, e.g. for a weak one.
[[nodiscard]] std::expected<key_set, std::string> make_secret_key_set(std::string_view secret, const key_options& options);

} // namespace bearward::policies::jose
