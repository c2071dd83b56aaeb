// Where events end in a text/event-stream (WHATWG HTML, "Server-sent events", section 9.2.6): at an
// empty line. Lines end with CRLF, LF or CR.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace bearward::proxy::http {

class event_boundary {
public:
    /// Takes the next bytes of the stream.
    void scan(std::string_view bytes) noexcept {
        for (const char each : bytes) {
            take(each);
        }
    }
    /// Takes the next bytes up to the first boundary, if there is one in them; returns how many those are.
    [[nodiscard]] std::optional<std::size_t> scan_to_boundary(std::string_view bytes) noexcept {
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            take(bytes[at]);
            if (at_boundary_) {
                return at + 1;
            }
        }
        return std::nullopt;
    }
    /// Whether no event has begun: at the start, and behind an empty line.
    [[nodiscard]] bool at_boundary() const noexcept { return at_boundary_; }

private:
    void take(char next) noexcept {
        if (next == '\n' && behind_cr_) {
            behind_cr_ = false; // of the same line end
            return;
        }
        behind_cr_ = next == '\r';
        if (next != '\r' && next != '\n') {
            line_is_empty_ = at_boundary_ = false;
            return;
        }
        at_boundary_ = at_boundary_ || line_is_empty_;
        line_is_empty_ = true;
    }

    bool line_is_empty_ = true;
    bool behind_cr_ = false;
    bool at_boundary_ = true;
};

} // namespace bearward::proxy::http
