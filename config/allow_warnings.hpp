// `allow_warnings`: warnings that somebody has read and means as they are become
// notes, which no strict check fails on.
#pragma once

#include "config/codec.hpp"
#include "config/settings.hpp"

namespace bearward::config {

/// Codes of warnings that may speak of one of the subjects. Others, and words that
/// are no code, are errors.
[[nodiscard]] codec<std::vector<warning_code>> allowed_warnings(warning_subjects subjects);

/// Makes notes of the warnings so far that are allowed by the route or provider that
/// they stand in, or at the top where they stand in neither.
void apply_allowed_warnings(reading& state, const settings& from);

} // namespace bearward::config
