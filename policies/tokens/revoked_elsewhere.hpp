// The name of shared_revocations, for those who hold one and don't ask it.
#pragma once

#include <memory>

namespace bearward::policies::tokens {

struct shared_revocations;

/// An empty one: nothing is revoked there.
[[nodiscard]] std::shared_ptr<shared_revocations> make_shared_revocations();

} // namespace bearward::policies::tokens
