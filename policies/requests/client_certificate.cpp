#include "policies/requests/client_certificate.hpp"

#include "policies/ascii.hpp"
#include "policies/jose/base64url.hpp"

namespace bearward::policies::requests {

std::string hex_sha256(const client_certificate& shown) {
    std::string text;
    for (const char byte : jose::decode_base64url(shown.sha256()).value_or(std::string{})) {
        append_hex(text, byte);
    }
    return text;
}

} // namespace bearward::policies::requests
