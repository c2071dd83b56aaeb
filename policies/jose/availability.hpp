// Which algorithms the OpenSSL that is linked has: found at run time.
#pragma once

#include "policies/jose/algorithm.hpp"

#include <string>

namespace bearward::policies::jose {

/// Whether tokens of this algorithm can be verified. All but ML-DSA always can.
[[nodiscard]] bool is_available(algorithm value);

/// For an algorithm that isn't: which version is linked, and from which on there is one
/// that has it, e.g. "ML-DSA-65 needs OpenSSL 3.5 or later; 3.0.17 is linked".
[[nodiscard]] std::string describe_lack(algorithm value);

} // namespace bearward::policies::jose
