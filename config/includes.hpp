// One configuration in several files: finds what `include` names and puts the
// documents together before they are read as settings.
#pragma once

#include "config/document.hpp"
#include "config/reading.hpp"

namespace bearward::config {

/// Adds to `root`, the main document, what the files that it includes say. Lists
/// of the kinds that may be spread add up, maps merge by name, and every other
/// section stands in one file; complains otherwise. Environment variables are
/// replaced in what is added.
void include_documents(reading& state, node& root);

} // namespace bearward::config
