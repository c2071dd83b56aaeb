// Keys that somebody took for an HMAC secret.
#pragma once

#include <string>
#include <string_view>

namespace bearward::policies::jose {

/// What kind of key the secret holds, such as "a PEM key" or "a DER key in base64";
/// empty: none. CVE-2024-33663 and its like: a public key as an HMAC secret is a
/// secret that everybody has, in whichever form it was copied.
[[nodiscard]] std::string public_form(std::string_view secret);

} // namespace bearward::policies::jose
