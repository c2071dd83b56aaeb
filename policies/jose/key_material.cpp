#include "policies/jose/key_material.hpp"

#include "policies/jose/public_form.hpp"

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

/// Whether an Ed25519 key is a point of small order: signatures that hold for any
/// message can be made for one without a private key. These are all of their
/// encodings, canonical or not, less the sign bit (the list that libsodium refuses).
bool has_small_order(std::string_view point) noexcept {
    using namespace std::string_view_literals;
    static constexpr std::array<std::string_view, 7> points{
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"sv,
        "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"sv,
        "\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05"sv,
        "\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a"sv,
        "\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"sv,
        "\xed\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"sv,
        "\xee\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"sv,
    };
    std::string unsigned_point(point);
    unsigned_point.back() = static_cast<char>(static_cast<unsigned char>(unsigned_point.back()) & 0x7FU);
    return std::ranges::find(points, unsigned_point) != points.end();
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

material_or_error make_ed25519_material(std::string_view public_bytes) {
    constexpr std::size_t size = 32; // RFC 8032 section 5.1.5
    if (public_bytes.size() != size) {
        return wrong("x must have exactly 32 bytes");
    }
    if (has_small_order(public_bytes)) {
        return wrong("the point has a small order: anyone could sign for it");
    }
    pkey_ptr made(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, as_bytes(public_bytes), public_bytes.size()));
    if (!made) {
        return wrong("OpenSSL does not accept the Ed25519 key");
    }
    return std::make_shared<const key::material>(key_family::ed25519, std::string{}, std::move(made));
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
        return wrong("only RSA, P-256, P-384, P-521 and Ed25519 keys are accepted");
    }
    if (*family == key_family::rsa) {
        const bignum_ptr n = number_of(*public_key, OSSL_PKEY_PARAM_RSA_N);
        const bignum_ptr e = number_of(*public_key, OSSL_PKEY_PARAM_RSA_E);
        if (std::string fault = n && e ? rsa_fault(*n, *e) : "it has no modulus or exponent"; !fault.empty()) {
            return wrong(std::move(fault));
        }
    } else if (*family == key_family::ed25519) {
        std::array<char, 32> point{};
        std::size_t size = point.size();
        if (EVP_PKEY_get_raw_public_key(public_key.get(), reinterpret_cast<unsigned char*>(point.data()), &size) != 1) {
            return wrong("it has no public key");
        }
        return make_ed25519_material({point.data(), size});
    } else if (!public_key_holds(*public_key)) {
        return wrong("the point does not lie on the curve");
    }
    return std::make_shared<const key::material>(*family, std::string{}, std::move(public_key));
}

std::optional<key_family> family_of(const EVP_PKEY& key) noexcept {
    if (EVP_PKEY_is_a(&key, "RSA") == 1) {
        return key_family::rsa;
    }
    if (EVP_PKEY_is_a(&key, "ED25519") == 1) {
        return key_family::ed25519;
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
