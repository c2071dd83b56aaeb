// Keys of hash tables that clients can fill.
#pragma once

#include "policies/tokens/keyed_hash.hpp"

namespace bearward::proxy {

/// Nobody outside can know it, so nobody can choose texts that collide.
[[nodiscard]] policies::tokens::hash_key random_hash_key();

} // namespace bearward::proxy
