#include "policies/jose/certificate_hash.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/jose/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <string_view>

namespace bearward::policies::jose {

std::string certificate_sha256(const X509& certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(&certificate, &der);
    if (size <= 0) {
        ERR_clear_error();
        return {};
    }
    std::string made = encode_base64url(sha256_text({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)}));
    OPENSSL_free(der);
    return made;
}

} // namespace bearward::policies::jose
