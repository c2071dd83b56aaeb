#include "config/sources.hpp"

#include <openssl/sha.h>

#include <array>
#include <string_view>

namespace bearward::config {

std::string fingerprint_of(const file_content& content) {
    if (!content) {
        return "unreadable: " + content.error();
    }
    std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
    const std::string_view bytes = *content;
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
    return {hash.begin(), hash.end()};
}

} // namespace bearward::config
