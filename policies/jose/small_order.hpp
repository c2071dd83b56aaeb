// Public keys that anybody can sign for. Internal to jose.
#pragma once

#include "policies/jose/key_family.hpp"

#include <string_view>

namespace bearward::policies::jose {

/// Whether the bytes encode a point of small order on the curve of Ed25519 or Ed448, canonically or not:
/// signatures that hold for any message can be made for one without a private key.
/// `point` has the length of the family's keys. False for other families.
[[nodiscard]] bool has_small_order(key_family family, std::string_view point);

} // namespace bearward::policies::jose
