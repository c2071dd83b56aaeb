// The declarations: every key of the configuration, once. Reading, the schema,
// the reference page and the masked dump come from here; DESIGN.md shows how to
// add a key.
#pragma once

#include "config/section.hpp"
#include "config/settings.hpp"

namespace bearward::config {

[[nodiscard]] const section<settings>& document_fields();
[[nodiscard]] const section<upstream_settings>& upstream_fields();
[[nodiscard]] const section<listener_settings>& listener_fields();
[[nodiscard]] const section<provider_settings>& provider_fields();
[[nodiscard]] const section<requirement_settings>& requirement_fields();
[[nodiscard]] const section<route_options>& default_fields();
[[nodiscard]] const section<route_settings>& route_fields();

[[nodiscard]] const section<websocket_settings>& websocket_fields();

[[nodiscard]] codec<std::optional<listener_tls_settings>> listener_tls();
[[nodiscard]] codec<std::optional<upstream_tls_settings>> upstream_tls();

[[nodiscard]] const section<cors_settings>& cors_fields();
[[nodiscard]] codec<route_cors_settings> route_cors();

[[nodiscard]] codec<std::optional<resource_settings>> resource_metadata();

[[nodiscard]] codec<std::optional<tracing_settings>> tracing();

[[nodiscard]] const section<test_settings>& test_fields();

/// A requirement; an empty one is accepted.
[[nodiscard]] codec<requirement_settings> requirement();
/// A requirement that asks for something.
[[nodiscard]] codec<requirement_settings> demanding_requirement();

} // namespace bearward::config
