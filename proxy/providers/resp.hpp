// RESP2, the protocol of Redis (https://redis.io/docs/latest/develop/reference/protocol-spec/):
// commands are written, replies are read. Strict, and bounded whatever a server announces:
// what it would send is never allocated for before it has come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::providers {

struct resp_value {
    enum class kind : std::uint8_t { text, error, integer, array, null };
    kind what = kind::null;
    std::string text{};                 ///< of text (a simple or a bulk string) and error
    std::int64_t integer = 0;           ///< of integer
    std::vector<resp_value> elements{}; ///< of array

    [[nodiscard]] bool is_text(std::string_view wanted) const noexcept { return what == kind::text && text == wanted; }
};

/// Appends a command as an array of bulk strings.
void append_command(std::string& out, std::span<const std::string_view> words);

/// Reads replies from a stream of bytes.
class resp_reader {
public:
    /// Bytes of a reply; elements of a reply, arrays included; arrays in each other.
    static constexpr std::size_t max_bytes = std::size_t{8} * 1024 * 1024;
    static constexpr std::size_t max_elements = 65'536;
    static constexpr std::size_t max_depth = 4;

    void feed(std::string_view bytes) { waiting_.append(bytes); }
    /// The next reply; nothing: more has to come. Error: this is not RESP, or too large; nothing
    /// can be read any more.
    [[nodiscard]] std::expected<std::optional<resp_value>, std::string> next();

private:
    struct open_array {
        resp_value value;
        std::size_t left; ///< elements that have yet to come
    };
    enum class step : std::uint8_t { more, item, open };

    /// Takes one item off what waits.
    [[nodiscard]] std::expected<step, std::string> take(resp_value& into, std::size_t& count);
    [[nodiscard]] std::expected<step, std::string> take_bulk(std::string_view line, resp_value& into);
    [[nodiscard]] std::expected<step, std::string> take_array(std::string_view line, resp_value& into, std::size_t& count);
    [[nodiscard]] std::optional<resp_value> put(resp_value whole);
    void drop_taken();

    std::string waiting_;
    std::size_t at_ = 0;           ///< of waiting_, what was taken
    std::size_t taken_ = 0;        ///< of this reply
    std::size_t elements_ = 0;     ///< likewise
    std::size_t searched_ = 0;     ///< from at_, without the end of a line
    std::vector<open_array> open_; ///< the innermost one last
};

} // namespace bearward::proxy::providers
