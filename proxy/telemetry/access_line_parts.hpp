// What the formats of access lines share. Internal to access_line and access_line_otel.
#pragma once

#include "policies/text.hpp"
#include "proxy/telemetry/access_record.hpp"
#include "proxy/telemetry/log_line.hpp"

#include <string>
#include <string_view>

namespace bearward::proxy {

struct access_outcome {
    std::string_view reason;
    std::string_view mode;
};

/// An observed denial is what an operator looks for; that the request was
/// forwarded follows from the mode.
[[nodiscard]] inline access_outcome outcome_of(const access_record& record) noexcept {
    if (record.observed != policies::reason::ok) {
        return {.reason = to_string(record.observed), .mode = to_string(record.mode)};
    }
    return {.reason = to_string(record.why), .mode = "enforce"};
}

/// A text without what looks like a token, whoever chose it; a view of it or of `memory`.
[[nodiscard]] inline std::string_view mask_tokens(std::string_view text, std::string& memory) {
    if (!policies::holds_token(text)) {
        return text;
    }
    memory.clear();
    policies::append_masked(memory, text);
    return memory;
}

/// Appends the text as a JSON string, without what looks like a token.
inline void append_masked_json(std::string& out, std::string_view text) {
    std::string memory;
    append_json_string(out, mask_tokens(text, memory));
}

} // namespace bearward::proxy
