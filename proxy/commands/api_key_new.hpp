// `bearward api-key new`: a key for a provider of type api_keys.
#pragma once

#include <string>
#include <string_view>

namespace bearward::proxy::commands {

struct new_api_key {
    std::string key;  ///< for the client alone
    std::string hash; ///< as the configuration has it
    std::string yaml; ///< the entry of `keys` to paste
};

/// The key of 32 random bytes. `id`: a name for people, in printable text.
[[nodiscard]] new_api_key describe_api_key(std::string_view id, std::string_view random_bytes);

/// Whether the text may be a key's id: 1 to 128 printable bytes of ASCII, and no key itself.
[[nodiscard]] bool is_api_key_id(const std::string& text);

} // namespace bearward::proxy::commands
