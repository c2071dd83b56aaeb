#include "proxy/commands/api_key_new.hpp"

#include "policies/ascii.hpp"
#include "policies/tokens/api_keys.hpp"
#include "proxy/commands/commands.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <iostream>

namespace bearward::proxy::commands {

namespace tokens = policies::tokens;

bool is_api_key_id(const std::string& text) {
    constexpr std::size_t longest = 128;
    return !text.empty() && text.size() <= longest && !text.contains(tokens::api_key_prefix) &&
           std::ranges::all_of(text, [](char byte) { return byte >= 0x20 && byte < 0x7F; });
}

new_api_key describe_api_key(std::string_view id, std::string_view random_bytes) {
    new_api_key made{.key = tokens::make_api_key(random_bytes), .hash = "sha256:", .yaml = {}};
    const auto digest = policies::jose::sha256(made.key);
    if (!digest) {
        return {};
    }
    for (const unsigned char byte : *digest) {
        policies::append_hex(made.hash, static_cast<char>(byte));
    }
    // Text in JSON is text in YAML 1.2.
    made.yaml = "- {id: " + boost::json::serialize(boost::json::value(id)) + ", hash: \"" + made.hash + "\"}";
    return made;
}

int make_api_key(const api_key_options& options) {
    std::array<unsigned char, tokens::api_key_random_bytes> bytes{};
    const bool random = RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1;
    const new_api_key made =
        random ? describe_api_key(options.id, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}) : new_api_key{};
    if (made.key.empty()) {
        std::cerr << "bearward api-key new: OpenSSL has no random bytes\n";
        return 1;
    }
    std::cout << "key:  " << made.key << "\nhash: " << made.hash << '\n' << std::flush;
    std::cerr
        << "\nThe key is for the client alone and is not shown again. For `keys` of a provider of type api_keys, with `user`, `tenant`,\n"
           "`roles`, `scopes` and `expires` as they should be:\n\n"
        << made.yaml << '\n';
    return std::cout ? 0 : 1;
}

} // namespace bearward::proxy::commands
