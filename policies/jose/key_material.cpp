#include "policies/jose/key_material.hpp"

#include "policies/jose/public_form.hpp"
#include "policies/jose/small_order.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

namespace bearward::policies::jose {
namespace {

constexpr int min_rsa_bits = 512;         // OpenSSL makes none below
constexpr int max_rsa_bits = 16384;       // OPENSSL_RSA_MAX_MODULUS_BITS: larger ones never verify
constexpr int max_rsa_exponent_bits = 64; // OPENSSL_RSA_MAX_PUBEXP_BITS

std::atomic<std::uint64_t> next_serial{1};

std::unexpected<std::string> wrong(std::string what) {
    ERR_clear_error();
    return std::unexpected(std::move(what));
}

bignum_ptr number_of(const EVP_PKEY& key, const char* name) {
    BIGNUM* number = nullptr;
    EVP_PKEY_get_bn_param(&key, name, &number);
    return bignum_ptr(number);
}

/// Empty, or what makes the modulus or exponent unusable.
std::string rsa_fault(const BIGNUM& modulus, const BIGNUM& exponent) {
    const int bits = BN_num_bits(&modulus);
    if (bits < min_rsa_bits || bits > max_rsa_bits) {
        return "the RSA modulus has " + std::to_string(bits) + " bits; 2048 to 16384 are accepted";
    }
    if (BN_is_odd(&modulus) == 0) {
        return "the RSA modulus is even";
    }
    if (BN_is_odd(&exponent) == 0 || BN_is_one(&exponent) != 0 || BN_num_bits(&exponent) > max_rsa_exponent_bits) {
        return "the RSA exponent is not an odd number from 3 to 2^64";
    }
    return {};
}

pkey_ptr key_from(const char* type, OSSL_PARAM_BLD* builder) {
    const params_ptr params(OSSL_PARAM_BLD_to_param(builder));
    const pkey_context_ptr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* made = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) <= 0 ||
        EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) <= 0) {
        return nullptr;
    }
    return pkey_ptr(made);
}

bool public_key_holds(EVP_PKEY& key) {
    const pkey_context_ptr context(EVP_PKEY_CTX_new_from_pkey(nullptr, &key, nullptr));
    return context && EVP_PKEY_public_check(context.get()) == 1;
}

} // namespace

key::material::material(key_family of, std::string shared_secret, pkey_ptr verifies_with)
    : family(of), secret(std::move(shared_secret)), public_key(std::move(verifies_with)),
      serial(next_serial.fetch_add(1, std::memory_order_relaxed)) {}

key::material::~material() {
    OPENSSL_cleanse(secret.data(), secret.size());
}

key::key(std::shared_ptr<const material> opaque, std::vector<algorithm> algorithms, std::string id)
    : material_(std::move(opaque)), algorithms_(std::move(algorithms)), id_(std::move(id)) {}

bool key::allows(algorithm value) const noexcept {
    return std::ranges::find(algorithms_, value) != algorithms_.end();
}

material_or_error make_rsa_material(std::string_view modulus, std::string_view exponent) {
    constexpr std::size_t longest = max_rsa_bits / 8 + 1; // some write a leading zero
    if (modulus.size() > longest || exponent.size() > longest) {
        return wrong("the RSA modulus or exponent is too long");
    }
    const bignum_ptr n(BN_bin2bn(as_bytes(modulus), static_cast<int>(modulus.size()), nullptr));
    const bignum_ptr e(BN_bin2bn(as_bytes(exponent), static_cast<int>(exponent.size()), nullptr));
    if (!n || !e) {
        return wrong("out of memory");
    }
    if (std::string fault = rsa_fault(*n, *e); !fault.empty()) {
        return wrong(std::move(fault));
    }
    const param_builder_ptr builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 0 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 0) {
        return wrong("out of memory");
    }
    pkey_ptr made = key_from("RSA", builder.get());
    if (!made) {
        return wrong("OpenSSL does not accept the RSA key");
    }
    return std::make_shared<const key::material>(key_family::rsa, std::string{}, std::move(made));
}

material_or_error make_ec_material(key_family curve, std::string_view x, std::string_view y) {
    const std::size_t size = field_size(curve);
    std::string point(1, '\x04'); // uncompressed, SEC 1 section 2.3.3
    for (std::string_view coordinate : {x, y}) {
        while (coordinate.size() > size && coordinate.front() == '\0') {
            coordinate.remove_prefix(1);
        }
        if (coordinate.size() > size) {
            return wrong("x and y must have " + std::to_string(size) + " bytes each");
        }
        point.append(size - coordinate.size(), '\0').append(coordinate);
    }
    const param_builder_ptr builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve_name(curve), 0) == 0 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 0) {
        return wrong("out of memory");
    }
    pkey_ptr made = key_from("EC", builder.get());
    if (!made || !public_key_holds(*made)) {
        return wrong("the point does not lie on the curve");
    }
    return std::make_shared<const key::material>(curve, std::string{}, std::move(made));
}

material_or_error make_raw_material(key_family family, std::string_view public_bytes) {
    const key_family_row& row = row_of(key_family_table, family);
    if (public_bytes.size() != row.raw) {
        return wrong(std::string(row.public_key) + " must have exactly " + std::to_string(row.raw) + " bytes");
    }
    if (has_small_order(family, public_bytes)) {
        return wrong("the point has a small order: anyone could sign for it");
    }
    pkey_ptr made(EVP_PKEY_new_raw_public_key_ex(nullptr, row.openssl, nullptr, as_bytes(public_bytes), public_bytes.size()));
    if (!made) {
        return wrong("OpenSSL does not accept the " + std::string(row.openssl) + " key");
    }
    return std::make_shared<const key::material>(family, std::string{}, std::move(made));
}

material_or_error make_secret_material(std::string_view secret) {
    if (secret.empty()) {
        return wrong("the secret is empty");
    }
    if (const std::string kind = public_form(secret); !kind.empty()) {
        return wrong("the secret holds " + kind +
                     ": whoever has that key's public part could make tokens; public keys belong into keys.pem_file or keys.jwks_file");
    }
    return std::make_shared<const key::material>(key_family::secret, std::string(secret), nullptr);
}

material_or_error adopt_public_key(pkey_ptr public_key) {
    const auto family = public_key ? family_of(*public_key) : std::nullopt;
    if (!family) {
        return wrong(accepted_types);
    }
    if (*family == key_family::rsa) {
        const bignum_ptr n = number_of(*public_key, OSSL_PKEY_PARAM_RSA_N);
        const bignum_ptr e = number_of(*public_key, OSSL_PKEY_PARAM_RSA_E);
        if (std::string fault = n && e ? rsa_fault(*n, *e) : "it has no modulus or exponent"; !fault.empty()) {
            return wrong(std::move(fault));
        }
    } else if (row_of(key_family_table, *family).raw != 0) {
        const auto bytes = raw_public_key(*public_key, *family);
        return bytes ? make_raw_material(*family, *bytes) : wrong("it has no public key");
    } else if (!public_key_holds(*public_key)) {
        return wrong("the point does not lie on the curve");
    }
    return std::make_shared<const key::material>(*family, std::string{}, std::move(public_key));
}

std::optional<std::string> raw_public_key(const EVP_PKEY& key, key_family family) {
    std::string bytes(row_of(key_family_table, family).raw, '\0');
    std::size_t size = bytes.size();
    if (EVP_PKEY_get_raw_public_key(&key, reinterpret_cast<unsigned char*>(bytes.data()), &size) != 1 || size != bytes.size()) {
        ERR_clear_error();
        return std::nullopt;
    }
    return bytes;
}

std::optional<key_family> family_of(const EVP_PKEY& key) noexcept {
    if (EVP_PKEY_is_a(&key, "RSA") == 1) {
        return key_family::rsa;
    }
    for (const key_family_row& known : key_family_table) {
        if (known.raw != 0 && EVP_PKEY_is_a(&key, known.openssl) == 1) {
            return known.value;
        }
    }
    std::array<char, 64> name{};
    std::size_t length = 0;
    if (EVP_PKEY_is_a(&key, "EC") != 1 || EVP_PKEY_get_group_name(&key, name.data(), name.size(), &length) != 1) {
        return std::nullopt;
    }
    const std::string_view reported(name.data(), length);
    for (const key_family_row& known : key_family_table) {
        if (known.coordinate != 0 && (reported == known.curve || reported == known.sec)) {
            return known.value;
        }
    }
    return std::nullopt;
}

} // namespace bearward::policies::jose
